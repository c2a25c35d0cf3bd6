using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_config</c> (virtio 1.3 section 5.7.4): the device configuration space.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
public struct VirtioGpuConfig
{
    /// <summary>Bit of <see cref="EventsRead"/>: the display configuration has changed.</summary>
    public const uint VIRTIO_GPU_EVENT_DISPLAY = 1 << 0;

    /// <summary>Events that the driver has not cleared yet.</summary>
    [FieldOffset(0)] public uint EventsRead;

    /// <summary>Bits that the driver writes here disappear from <see cref="EventsRead"/>.</summary>
    [FieldOffset(4)] public uint EventsClear;

    /// <summary>1 to 16.</summary>
    [FieldOffset(8)] public uint NumScanouts;

    [FieldOffset(12)] public uint NumCapsets;

    /// <summary>Means something only with VIRTIO_GPU_F_BLOB_ALIGNMENT.</summary>
    [FieldOffset(16)] public uint BlobAlignment;
}
