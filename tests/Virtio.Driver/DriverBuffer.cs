namespace SplitVmm.Virtio.Driver;

/// <summary>One buffer of a request: guest address, length in bytes, and whether the device may write it.</summary>
public readonly record struct DriverBuffer(ulong Address, uint Length, bool DeviceWritable)
{
    public static DriverBuffer Readable(ulong address, int length) => new(address, (uint)length, false);

    public static DriverBuffer Writable(ulong address, int length) => new(address, (uint)length, true);
}
