using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>
/// Just enough of a virtio-blk driver (virtio 1.3 section 5.2) to read and write sectors, whatever the transport.
/// </summary>
/// <param name="memory">Guest memory.</param>
/// <param name="queue">The driver's side of a started request queue.</param>
/// <param name="kick">Tells the device of an offer.</param>
/// <param name="wait">Waits for the next interrupt, or a little where there is none; false if that took too long.</param>
internal sealed class VirtioBlockDriver(DriverMemory memory, DriverQueue queue, Action kick, Func<bool> wait)
{
    public const int SectorSize = 512;
    public const byte VIRTIO_BLK_S_OK = 0;
    public const byte VIRTIO_BLK_S_IOERR = 1;
    public const byte VIRTIO_BLK_S_UNSUPP = 2;
    public const uint VIRTIO_BLK_T_IN = 0;
    public const uint VIRTIO_BLK_T_OUT = 1;
    public const uint VIRTIO_BLK_T_FLUSH = 4;
    public const ulong VIRTIO_BLK_F_FLUSH = 1UL << 9;

    public byte[] ReadSector(ulong sector, out byte status)
    {
        ulong data = memory.Allocate(SectorSize);
        status = Request(VIRTIO_BLK_T_IN, sector, DriverBuffer.Writable(data, SectorSize));
        return memory.Span(data, SectorSize).ToArray();
    }

    public byte WriteSector(ulong sector, byte[] contents) =>
        Request(VIRTIO_BLK_T_OUT, sector, DriverBuffer.Readable(memory.Allocate(contents), contents.Length));

    public byte Flush() => Request(VIRTIO_BLK_T_FLUSH, 0);

    /// <summary>Offers a read and leaves it to the device.</summary>
    /// <returns>Where the data and then the status byte will be.</returns>
    public ulong OfferRead(ulong sector)
    {
        ulong answer = memory.Allocate(SectorSize + 1);
        memory.Span(answer, SectorSize + 1).Fill(0xFF);
        _ = queue.Offer(
            DriverBuffer.Readable(Header(VIRTIO_BLK_T_IN, sector), 16), DriverBuffer.Writable(answer, SectorSize + 1));
        if (queue.TakeKick())
        {
            kick();
        }

        return answer;
    }

    /// <summary>Collects one request that the device has completed, waiting for it.</summary>
    public ushort Collect()
    {
        ushort head;
        while (!queue.TryCollect(out head, out _))
        {
            Assert.True(wait(), "the device does not answer");
        }

        return head;
    }

    private byte Request(uint type, ulong sector, params ReadOnlySpan<DriverBuffer> data)
    {
        ulong status = memory.Allocate([0xFF]);
        _ = queue.ArmInterrupt();
        ushort head = queue.Offer(
            [DriverBuffer.Readable(Header(type, sector), 16), .. data, DriverBuffer.Writable(status, 1)]);
        if (queue.TakeKick())
        {
            kick();
        }

        Assert.Equal(head, Collect());
        return memory.Span(status, 1)[0];
    }

    private ulong Header(uint type, ulong sector)
    {
        ulong header = memory.Allocate(16);
        memory.Field<uint>(header) = type;
        memory.Field<ulong>(header + 8) = sector;
        return header;
    }
}
