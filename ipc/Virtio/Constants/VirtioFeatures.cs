namespace SplitVmm.Virtio.Constants;

/// <summary>
/// Device-independent feature bits (virtio 1.3 section 6, Reserved Feature Bits), as masks. The names are those
/// of the specification, the values <c>1 &lt;&lt; bit</c>.
/// </summary>
public static class VirtioFeatures
{
    /// <summary>A descriptor may refer to a table of further descriptors (section 2.7.5.3).</summary>
    public const ulong VIRTIO_F_INDIRECT_DESC = 1UL << 28;

    /// <summary>The fields <c>used_event</c> and <c>avail_event</c> are in force (section 2.7.7).</summary>
    public const ulong VIRTIO_F_EVENT_IDX = 1UL << 29;

    /// <summary>The device keeps to the specification from 1.0 on; always offered here, and required of the driver.</summary>
    public const ulong VIRTIO_F_VERSION_1 = 1UL << 32;

    /// <summary>The device sits behind an IOMMU or similar; never offered here.</summary>
    public const ulong VIRTIO_F_ACCESS_PLATFORM = 1UL << 33;

    /// <summary>Packed virtqueues (section 2.8); never offered here.</summary>
    public const ulong VIRTIO_F_RING_PACKED = 1UL << 34;

    public const ulong VIRTIO_F_IN_ORDER = 1UL << 35;

    public const ulong VIRTIO_F_ORDER_PLATFORM = 1UL << 36;

    public const ulong VIRTIO_F_SR_IOV = 1UL << 37;

    public const ulong VIRTIO_F_NOTIFICATION_DATA = 1UL << 38;

    public const ulong VIRTIO_F_NOTIF_CONFIG_DATA = 1UL << 39;

    /// <summary>Single queues can be reset (section 2.6.1).</summary>
    public const ulong VIRTIO_F_RING_RESET = 1UL << 40;

    public const ulong VIRTIO_F_ADMIN_VQ = 1UL << 41;
}
