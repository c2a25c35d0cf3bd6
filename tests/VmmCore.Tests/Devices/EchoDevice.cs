using SplitVmm.VhostUser.BackEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VmmCore.Tests.Devices;

/// <summary>A vhost-user device of two queues that writes back what it reads, for the other process' part.</summary>
internal sealed class EchoDevice : IVhostUserDevice
{
    public const int Size = 16;

    private readonly byte[] _buffer = new byte[4096];

    /// <summary>Bytes 0 to 3 are read-only; changed by tests before <see cref="VhostUserBackEnd.NotifyConfigChanged"/>.</summary>
    public byte[] Config { get; } = [.. Enumerable.Range(1, Size).Select(value => (byte)value)];

    public ulong Acknowledged { get; private set; }

    public int Running { get; private set; }

    public int Resets { get; private set; }

    /// <summary>Takes requests and never answers them, as a process that is about to die may.</summary>
    public bool Holds { get; init; }

    /// <summary>What the driver has sent to this instance, first bytes.</summary>
    public List<byte> Taken { get; } = [];

    /// <summary><c>reset</c> and <c>start</c>, in the order in which they came.</summary>
    public List<string> Order { get; } = [];

    public ulong Features { get; init; } = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | (1UL << 3);

    public VhostUserProtocolFeatures ProtocolFeatures =>
        SharedMemory.Length == 0 ? VhostUserProtocolFeatures.None : VhostUserProtocolFeatures.SHMEM;

    /// <summary>Sizes of the shared memory regions, by id.</summary>
    public ulong[] SharedMemory { get; init; } = [];

    public ulong SharedMemorySize(byte id) => id < SharedMemory.Length ? SharedMemory[id] : 0;

    public int QueueCount { get; init; } = 2;

    public int MaxQueueSize => 256;

    public int ConfigSize => Size;

    public void ReadConfig(int offset, Span<byte> destination) => Config.AsSpan(offset, destination.Length).CopyTo(destination);

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        if (offset < 4)
        {
            return false;
        }

        source.CopyTo(Config.AsSpan(offset));
        return true;
    }

    public void FeaturesAcknowledged(ulong features) => Acknowledged = features;

    public void MemoryChanged(GuestMemory memory)
    {
    }

    public void QueueStarted(VhostUserQueue queue)
    {
        Running++;
        Order.Add("start");
    }

    public void QueueKicked(VhostUserQueue queue)
    {
        while (queue.Ring.TryPop(out DescriptorChain? chain))
        {
            ChainReader reader = chain.CreateReader();
            ChainWriter writer = chain.CreateWriter();
            int length = reader.ReadUpTo(_buffer);
            Taken.Add(_buffer[0]);
            if (!Holds)
            {
                _ = writer.WriteUpTo(_buffer.AsSpan(0, length));
                queue.Ring.Push(chain, writer.Written);
            }
        }

        queue.Notify();
    }

    public void QueueStopped(VhostUserQueue queue) => Running--;

    public void Reset()
    {
        Resets++;
        Order.Add("reset");
    }
}
