using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_get_edid</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuGetEdid
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint Scanout;
}

/// <summary>The array <c>edid</c> of <see cref="VirtioGpuRespEdid"/>.</summary>
[InlineArray(Length)]
public struct VirtioGpuEdidBytes
{
    public const int Length = 1024;

    private byte _first;
}

/// <summary><c>struct virtio_gpu_resp_edid</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32 + VirtioGpuEdidBytes.Length)]
public struct VirtioGpuRespEdid
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;

    /// <summary>Bytes of <see cref="Edid"/> that mean something.</summary>
    [FieldOffset(24)] public uint Size;

    [FieldOffset(32)] public VirtioGpuEdidBytes Edid;
}
