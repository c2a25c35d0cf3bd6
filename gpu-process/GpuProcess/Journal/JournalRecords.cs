using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>A resource, as the guest asked for it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct ResourceRecord
{
    /// <summary>1: by VIRTIO_GPU_CMD_RESOURCE_CREATE_3D; 0: by CREATE_2D, with format, width and height alone.</summary>
    [FieldOffset(0)] public uint Is3d;
    [FieldOffset(4)] public uint Target;
    [FieldOffset(8)] public uint Format;
    [FieldOffset(12)] public uint Bind;
    [FieldOffset(16)] public uint Width;
    [FieldOffset(20)] public uint Height;
    [FieldOffset(24)] public uint Depth;
    [FieldOffset(28)] public uint ArraySize;
    [FieldOffset(32)] public uint LastLevel;
    [FieldOffset(36)] public uint NrSamples;
    [FieldOffset(40)] public uint Flags;

    public static ResourceRecord Of(in VirtioGpuResourceCreate2d request) => new()
    {
        Format = (uint)request.Format,
        Width = request.Width,
        Height = request.Height,
    };

    public static ResourceRecord Of(in VirtioGpuResourceCreate3d request) => new()
    {
        Is3d = 1,
        Target = request.Target,
        Format = request.Format,
        Bind = request.Bind,
        Width = request.Width,
        Height = request.Height,
        Depth = request.Depth,
        ArraySize = request.ArraySize,
        LastLevel = request.LastLevel,
        NrSamples = request.NrSamples,
        Flags = request.Flags,
    };

    public readonly VirtioGpuResourceCreate2d To2d(uint id) => new()
    {
        ResourceId = id,
        Format = (VirtioGpuFormats)Format,
        Width = Width,
        Height = Height,
    };

    public readonly VirtioGpuResourceCreate3d To3d(uint id) => new()
    {
        ResourceId = id,
        Target = Target,
        Format = Format,
        Bind = Bind,
        Width = Width,
        Height = Height,
        Depth = Depth,
        ArraySize = ArraySize,
        LastLevel = LastLevel,
        NrSamples = NrSamples,
        Flags = Flags,
    };
}

/// <summary>
/// The head of a backing; its pieces follow: of 8 bytes, with the page number above 24 bits of pages, or else as
/// <see cref="VirtioGpuMemEntry"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct BackingRecord
{
    [FieldOffset(0)] public uint Count;

    /// <summary>1: whole pages.</summary>
    [FieldOffset(4)] public uint IsPaged;
}

/// <summary>What a scanout shows.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct ScanoutRecord
{
    [FieldOffset(0)] public VirtioGpuRect Area;
    [FieldOffset(16)] public uint ResourceId;
}

/// <summary>A context, as the guest asked for it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct ContextRecord
{
    [FieldOffset(0)] public uint ContextInit;
    [FieldOffset(4)] public uint NameLength;
    [FieldOffset(8)] public VirtioGpuDebugName Name;
}
