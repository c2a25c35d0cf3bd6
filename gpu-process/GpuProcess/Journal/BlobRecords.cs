using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Scanouts;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>The head of a blob of guest memory; its pages follow.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct BlobRecord
{
    [FieldOffset(0)] public VirtioGpuBlobMem Mem;
    [FieldOffset(4)] public VirtioGpuBlobFlags Flags;
    [FieldOffset(8)] public ulong Size;

    public static BlobRecord Of(BlobResource blob) => new() { Mem = blob.Mem, Flags = blob.Flags, Size = blob.Size };

    public readonly VirtioGpuResourceCreateBlob ToRequest(uint id, uint entries) => new()
    {
        ResourceId = id,
        BlobMem = Mem,
        BlobFlags = Flags,
        NrEntries = entries,
        Size = Size,
    };
}

/// <summary>The page of a native context, and where it is mapped.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct PageRecord
{
    /// <summary>Bytes that the guest asked for.</summary>
    [FieldOffset(0)] public ulong Size;

    /// <summary>In the host-visible window.</summary>
    [FieldOffset(8)] public ulong Offset;
}

/// <summary>What a scanout shows of a blob.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct BlobScanoutRecord
{
    [FieldOffset(0)] public VirtioGpuRect Area;
    [FieldOffset(16)] public uint ResourceId;
    [FieldOffset(20)] public uint Width;
    [FieldOffset(24)] public uint Height;
    [FieldOffset(28)] public uint Format;
    [FieldOffset(32)] public uint Stride;
    [FieldOffset(36)] public uint Offset;

    public static BlobScanoutRecord Of(Scanout scanout, BlobLayout layout) => new()
    {
        Area = scanout.Area,
        ResourceId = scanout.Resource!.Id,
        Width = layout.Width,
        Height = layout.Height,
        Format = layout.Format,
        Stride = layout.Stride,
        Offset = layout.Offset,
    };

    public readonly VirtioGpuSetScanoutBlob ToRequest(uint scanout)
    {
        var request = new VirtioGpuSetScanoutBlob
        {
            R = Area,
            ScanoutId = scanout,
            ResourceId = ResourceId,
            Width = Width,
            Height = Height,
            Format = (VirtioGpuFormats)Format,
        };
        request.Strides[0] = Stride;
        request.Offsets[0] = Offset;
        return request;
    }
}
