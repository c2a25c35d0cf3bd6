namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// Fields of <c>struct virtio_pci_common_cfg</c> (virtio 1.3 section 4.1.4.3) by their offsets. The 64-bit ones
/// are two of 32 bits, as section 4.1.3 has it.
/// </summary>
internal enum CommonField
{
    DeviceFeatureSelect = 0x00,
    DeviceFeature = 0x04,
    DriverFeatureSelect = 0x08,
    DriverFeature = 0x0C,
    ConfigMsixVector = 0x10,
    NumQueues = 0x12,
    DeviceStatus = 0x14,
    ConfigGeneration = 0x15,
    QueueSelect = 0x16,
    QueueSize = 0x18,
    QueueMsixVector = 0x1A,
    QueueEnable = 0x1C,
    QueueNotifyOff = 0x1E,
    QueueDescLow = 0x20,
    QueueDescHigh = 0x24,
    QueueDriverLow = 0x28,
    QueueDriverHigh = 0x2C,
    QueueDeviceLow = 0x30,
    QueueDeviceHigh = 0x34,
    QueueNotifConfigData = 0x38,
    QueueReset = 0x3A,
    AdminQueueIndex = 0x3C,
    AdminQueueNum = 0x3E,
}
