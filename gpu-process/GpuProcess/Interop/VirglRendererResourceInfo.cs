using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Interop;

/// <summary><c>struct virgl_renderer_resource_info</c>, with room for what later versions append.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct VirglRendererResourceInfo
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint VirglFormat;
    [FieldOffset(8)] public uint Width;
    [FieldOffset(12)] public uint Height;
    [FieldOffset(16)] public uint Depth;

    /// <summary>Bit 0: the first row of the guest's pixels is the top one, VIRGL_RESOURCE_Y_0_TOP.</summary>
    [FieldOffset(20)] public uint Flags;

    /// <summary>Name of the OpenGL texture.</summary>
    [FieldOffset(24)] public uint TexId;

    [FieldOffset(28)] public uint Stride;
    [FieldOffset(32)] public int DrmFourcc;
    [FieldOffset(36)] public int Fd;
}
