using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_display_one</c>: where an output wants to be and what size it wants.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct VirtioGpuDisplayOne
{
    [FieldOffset(0)] public VirtioGpuRect R;
    [FieldOffset(16)] public uint Enabled;
    [FieldOffset(20)] public uint Flags;
}

/// <summary>The array <c>pmodes</c> of <see cref="VirtioGpuRespDisplayInfo"/>.</summary>
[InlineArray(VirtioGpuRespDisplayInfo.VIRTIO_GPU_MAX_SCANOUTS)]
public struct VirtioGpuDisplayModes
{
    private VirtioGpuDisplayOne _first;
}

/// <summary><c>struct virtio_gpu_resp_display_info</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 408)]
public struct VirtioGpuRespDisplayInfo
{
    public const int VIRTIO_GPU_MAX_SCANOUTS = 16;

    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuDisplayModes Pmodes;
}
