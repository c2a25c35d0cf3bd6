using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>A driver's queue and the device's view of it, in 1 MiB of guest memory.</summary>
internal sealed class QueuePair : IDisposable
{
    private readonly ulong _features;

    public QueuePair(int size = 8, ulong features = 0)
    {
        _features = features;
        Driver = new DriverQueue(Memory, size, features);
        Device = MakeDevice();
    }

    public DriverMemory Memory { get; } = new(1 << 20);

    public DriverQueue Driver { get; }

    public SplitQueue Device { get; }

    /// <summary>Another device on the same rings, as after a restart of the process.</summary>
    public SplitQueue MakeDevice(ushort nextAvailable = 0, InflightRegion? inflight = null)
    {
        QueueError error = SplitQueue.TryCreate(
            Memory.Memory, Driver.Layout, _features, nextAvailable, out SplitQueue? device, inflight);
        Assert.Equal(QueueError.None, error);
        return device!;
    }

    /// <summary>Pops the chain that must be there.</summary>
    public DescriptorChain Pop()
    {
        Assert.True(Device.TryPop(out DescriptorChain? chain), $"nothing to pop ({Device.Error})");
        return chain;
    }

    /// <summary>Offers one writable byte.</summary>
    public ushort OfferByte() => Driver.Offer(DriverBuffer.Writable(Memory.Base, 1));

    public void Dispose() => Memory.Dispose();
}
