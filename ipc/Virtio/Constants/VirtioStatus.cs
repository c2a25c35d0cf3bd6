namespace SplitVmm.Virtio.Constants;

/// <summary>Bits of the device status field (virtio 1.3 section 2.1). Writing <see cref="None"/> resets the device.</summary>
[Flags]
public enum VirtioStatus : byte
{
    None = 0,

    /// <summary>The guest has found the device.</summary>
    ACKNOWLEDGE = 1,

    /// <summary>The guest knows how to drive it.</summary>
    DRIVER = 2,

    /// <summary>The driver is set up: the queues may be used.</summary>
    DRIVER_OK = 4,

    /// <summary>The driver has acknowledged the features it understands.</summary>
    FEATURES_OK = 8,

    /// <summary>The device has met an error from which only a reset recovers.</summary>
    DEVICE_NEEDS_RESET = 64,

    /// <summary>The driver has given up on the device.</summary>
    FAILED = 128,
}
