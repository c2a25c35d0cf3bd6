using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary>
/// <c>struct virtio_gpu_resource_attach_backing</c> (virtio 1.3 section 5.7.6.8), followed by
/// <see cref="NrEntries"/> times <see cref="VirtioGpuMemEntry"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuResourceAttachBacking
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint ResourceId;
    [FieldOffset(28)] public uint NrEntries;
}

/// <summary><c>struct virtio_gpu_mem_entry</c>: a piece of guest-physical memory.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct VirtioGpuMemEntry
{
    [FieldOffset(0)] public ulong Addr;
    [FieldOffset(8)] public uint Length;
}
