namespace SplitVmm.Virtio.Constants;

/// <summary>Virtio device types (virtio 1.3 section 5, Device Types) that this project knows by name.</summary>
public enum VirtioDeviceId : uint
{
    Reserved = 0,
    Network = 1,
    Block = 2,
    Console = 3,
    Entropy = 4,
    MemoryBalloon = 5,
    ScsiHost = 8,
    Gpu = 16,
    Input = 18,
    Socket = 19,
    Crypto = 20,
    Iommu = 23,
    Memory = 24,
    Sound = 25,
    FileSystem = 26,
    Pmem = 27,
}
