namespace SplitVmm.Virtio.Queues;

/// <summary>
/// What a driver did wrong with a queue. Each breaks the queue until the driver resets the device
/// (<c>DEVICE_NEEDS_RESET</c>, virtio 1.3 section 2.1.2); none is ever an exception.
/// </summary>
public enum QueueError
{
    None,

    /// <summary>The size is not a power of two from 1 to 32768.</summary>
    BadSize,

    /// <summary>A ring is not aligned as section 2.7 asks.</summary>
    MisalignedRing,

    /// <summary>A ring does not lie in one region of guest memory.</summary>
    RingOutsideMemory,

    /// <summary>The available index is more than the queue size ahead of what was taken.</summary>
    AvailableIndexJump,

    /// <summary>The driver offers more chains than the queue has descriptors.</summary>
    TooManyChains,

    /// <summary>A descriptor index is not below the queue size, or not inside the indirect table.</summary>
    DescriptorIndexOutOfRange,

    /// <summary>The driver offered a chain whose head the device still holds.</summary>
    HeadInFlight,

    /// <summary>The chain is a loop, or longer than a driver may make it.</summary>
    ChainTooLong,

    /// <summary>The chain describes more than 2^32 - 1 bytes in one direction.</summary>
    ChainTooLarge,

    /// <summary>A descriptor of length zero.</summary>
    EmptyDescriptor,

    /// <summary>A buffer is not (wholly) in guest memory.</summary>
    BufferOutsideMemory,

    /// <summary>A device-readable descriptor follows a device-writable one (section 2.7.4.2).</summary>
    ReadableAfterWritable,

    /// <summary>An indirect table is empty, or its length is not a multiple of 16 (section 2.7.5.3.2).</summary>
    BadIndirectLength,

    /// <summary>An indirect descriptor inside an indirect table.</summary>
    NestedIndirect,

    /// <summary>An indirect descriptor that also has a next one.</summary>
    IndirectWithNext,

    /// <summary>An indirect descriptor although VIRTIO_F_INDIRECT_DESC was not negotiated.</summary>
    IndirectNotNegotiated,
}
