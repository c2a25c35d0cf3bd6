using SplitVmm.VhostUser.BackEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>
/// A device that writes back what it reads, each byte plus one. It notes what it was told, in order, and can hold
/// chains back to complete them later, in any order.
/// </summary>
internal sealed class EchoDevice : IVhostUserDevice
{
    public const int Queues = 2;

    private readonly byte[] _config = [1, 2, 3, 4, 5, 6, 7, 8];
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>What happened, one line each; locked by the reader and the loop's thread.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Chains that were kept back while <see cref="HoldsChains"/>.</summary>
    public List<DescriptorChain> Held { get; } = [];

    public bool HoldsChains { get; set; }

    public ulong Acknowledged { get; private set; }

    public ulong Features =>
        VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_INDIRECT_DESC;

    public VhostUserProtocolFeatures ProtocolFeatures =>
        SharedMemory == 0 ? VhostUserProtocolFeatures.None : VhostUserProtocolFeatures.SHMEM;

    /// <summary>Bytes of shared memory region 1; 0: there is none.</summary>
    public ulong SharedMemory { get; init; }

    public ulong SharedMemorySize(byte id) => id == 1 ? SharedMemory : 0;

    public int QueueCount => Queues;

    public int MaxQueueSize => 256;

    public int ConfigSize => _config.Length;

    public VhostUserQueue?[] Started { get; } = new VhostUserQueue?[Queues];

    public void ReadConfig(int offset, Span<byte> destination) => _config.AsSpan(offset, destination.Length).CopyTo(destination);

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        // The first four bytes are read-only.
        if (offset < 4)
        {
            return false;
        }

        source.CopyTo(_config.AsSpan(offset));
        return true;
    }

    public void FeaturesAcknowledged(ulong features)
    {
        Acknowledged = features;
        Note($"features 0x{features:x}");
    }

    public void MemoryChanged(GuestMemory memory) => Note($"memory {memory.Regions.Length}");

    public void QueueStarted(VhostUserQueue queue)
    {
        Started[queue.Index] = queue;
        Note($"started {queue.Index}");
    }

    public void QueueKicked(VhostUserQueue queue)
    {
        while (queue.Ring.TryPop(out DescriptorChain? chain))
        {
            if (HoldsChains)
            {
                Held.Add(chain);
            }
            else
            {
                Complete(chain);
            }
        }

        queue.Notify();
    }

    public void QueueStopped(VhostUserQueue queue)
    {
        Started[queue.Index] = null;
        Note($"stopped {queue.Index}");
    }

    public void Reset() => Note("reset");

    public void Complete(DescriptorChain chain)
    {
        ChainReader reader = chain.CreateReader();
        ChainWriter writer = chain.CreateWriter();
        while (reader.Remaining > 0 && writer.Remaining > 0)
        {
            int length = reader.ReadUpTo(_buffer.AsSpan(0, (int)Math.Min(writer.Remaining, (uint)_buffer.Length)));
            foreach (ref byte value in _buffer.AsSpan(0, length))
            {
                value++;
            }

            _ = writer.WriteUpTo(_buffer.AsSpan(0, length));
        }

        chain.Queue.Push(chain, writer.Written);
    }

    /// <summary>A copy of what happened so far.</summary>
    public string[] History()
    {
        lock (Events)
        {
            return [.. Events];
        }
    }

    private void Note(string what)
    {
        lock (Events)
        {
            Events.Add(what);
        }
    }
}
