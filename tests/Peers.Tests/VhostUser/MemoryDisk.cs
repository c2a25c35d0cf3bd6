using System.Runtime.InteropServices;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>A virtio-blk device over our back end, with its sectors in an array that outlives it.</summary>
internal sealed class MemoryDisk(byte[] contents) : IVhostUserDevice
{
    private volatile int _held;

    /// <summary>Requests are taken and not answered, as by a device that is about to die.</summary>
    public bool HoldsRequests { get; init; }

    /// <summary>How many were taken so.</summary>
    public int Held => _held;

    public ulong Features => VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX
        | VirtioFeatures.VIRTIO_F_INDIRECT_DESC | VirtioBlockDriver.VIRTIO_BLK_F_FLUSH;

    public VhostUserProtocolFeatures ProtocolFeatures => VhostUserProtocolFeatures.None;

    public int QueueCount => 1;

    public int MaxQueueSize => 128;

    public int ConfigSize => 60;

    public void ReadConfig(int offset, Span<byte> destination)
    {
        // Only the capacity, the first field, is not zero.
        Span<byte> config = stackalloc byte[60];
        config.Clear();
        MemoryMarshal.Write(config, (ulong)(contents.Length / VirtioBlockDriver.SectorSize));
        config.Slice(offset, destination.Length).CopyTo(destination);
    }

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => false;

    public void FeaturesAcknowledged(ulong features)
    {
    }

    public void MemoryChanged(GuestMemory memory)
    {
    }

    public void QueueStarted(VhostUserQueue queue)
    {
    }

    public void QueueKicked(VhostUserQueue queue)
    {
        while (queue.Ring.TryPop(out DescriptorChain? chain))
        {
            if (HoldsRequests)
            {
                _held++;
            }
            else
            {
                queue.Ring.Push(chain, Serve(chain));
            }
        }

        queue.Notify();
    }

    public void QueueStopped(VhostUserQueue queue)
    {
    }

    public void Reset()
    {
    }

    private uint Serve(DescriptorChain chain)
    {
        ChainReader reader = chain.CreateReader();
        ChainWriter writer = chain.CreateWriter();
        if (!reader.TryRead(out ulong type) || !reader.TryRead(out ulong sector) || writer.Remaining == 0)
        {
            return 0;
        }

        byte status = (uint)type switch
        {
            VirtioBlockDriver.VIRTIO_BLK_T_IN => Read(sector, ref writer),
            VirtioBlockDriver.VIRTIO_BLK_T_OUT => Write(sector, ref reader),
            VirtioBlockDriver.VIRTIO_BLK_T_FLUSH => VirtioBlockDriver.VIRTIO_BLK_S_OK,
            _ => VirtioBlockDriver.VIRTIO_BLK_S_UNSUPP,
        };
        // The status is the last byte, wherever the data ended.
        _ = writer.TryFill(writer.Remaining - 1) && writer.TryWrite(status);
        return writer.Written;
    }

    private byte Read(ulong sector, ref ChainWriter writer)
    {
        int length = (int)writer.Remaining - 1;
        return TryFind(sector, length, out int start) && writer.TryWrite(contents.AsSpan(start, length))
            ? VirtioBlockDriver.VIRTIO_BLK_S_OK
            : VirtioBlockDriver.VIRTIO_BLK_S_IOERR;
    }

    private byte Write(ulong sector, ref ChainReader reader)
    {
        int length = (int)reader.Remaining;
        return TryFind(sector, length, out int start) && reader.TryRead(contents.AsSpan(start, length))
            ? VirtioBlockDriver.VIRTIO_BLK_S_OK
            : VirtioBlockDriver.VIRTIO_BLK_S_IOERR;
    }

    private bool TryFind(ulong sector, int length, out int start)
    {
        start = (int)Math.Min(sector * VirtioBlockDriver.SectorSize, int.MaxValue);
        return sector < (ulong)(contents.Length / VirtioBlockDriver.SectorSize) && length <= contents.Length - start;
    }
}
