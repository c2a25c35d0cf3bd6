using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary>
/// A header, a resource and a padding word: the common layout of <c>struct virtio_gpu_resource_unref</c>,
/// <c>virtio_gpu_resource_detach_backing</c>, <c>virtio_gpu_ctx_resource</c> and
/// <c>virtio_gpu_resource_assign_uuid</c> (virtio 1.3 section 5.7.6.8).
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuResourceReference
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint ResourceId;
}
