using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.Virtio.Driver;

/// <summary>
/// The driver's side of a split virtqueue (virtio 1.3 section 2.7), for tests: offers chains, collects what the
/// device used, and keeps to the notification rules. Hostile tests reach into the rings by the ref properties.
/// </summary>
public sealed class DriverQueue
{
    private readonly DriverMemory _memory;
    private readonly Stack<ushort> _free = new();
    private readonly bool _eventIndex;
    private ushort _kickedAvailable;
    private ushort _nextUsed;

    public DriverQueue(DriverMemory memory, int size, ulong features = VirtioFeatures.VIRTIO_F_VERSION_1)
    {
        _memory = memory;
        _eventIndex = (features & VirtioFeatures.VIRTIO_F_EVENT_IDX) != 0;
        Layout = new SplitQueueLayout(
            size,
            memory.Allocate((int)SplitRing.DescriptorTableBytes(size), 16),
            memory.Allocate((int)SplitRing.AvailableRingBytes(size), 2),
            memory.Allocate((int)SplitRing.UsedRingBytes(size), 4));
        for (int i = size - 1; i >= 0; i--)
        {
            _free.Push((ushort)i);
        }
    }

    /// <summary>What the device is told.</summary>
    public SplitQueueLayout Layout { get; }

    /// <summary>Descriptors that are not in a chain.</summary>
    public int FreeDescriptors => _free.Count;

    public ref ushort AvailableFlags => ref _memory.Field<ushort>(Layout.AvailableRing);

    public ref ushort AvailableIndex => ref _memory.Field<ushort>(Layout.AvailableRing + SplitRing.IndexOffset);

    public ref ushort UsedEvent => ref AvailableEntry(Layout.Size);

    public ref ushort UsedFlags => ref _memory.Field<ushort>(Layout.UsedRing);

    public ref ushort UsedIndex => ref _memory.Field<ushort>(Layout.UsedRing + SplitRing.IndexOffset);

    public ref ushort AvailableEvent =>
        ref _memory.Field<ushort>(Layout.UsedRing + SplitRing.EntriesOffset + (8 * (ulong)Layout.Size));

    public ref VirtqDescriptor Descriptor(int index) =>
        ref _memory.Field<VirtqDescriptor>(Layout.DescriptorTable + (16 * (ulong)index));

    /// <param name="slot">0 to the size - 1; the size itself is <see cref="UsedEvent"/>.</param>
    public ref ushort AvailableEntry(int slot) =>
        ref _memory.Field<ushort>(Layout.AvailableRing + SplitRing.EntriesOffset + (2 * (ulong)slot));

    /// <summary>Offers a chain of ordinary descriptors and makes it visible to the device.</summary>
    /// <returns>The head, by which the used ring names the request.</returns>
    public ushort Offer(params ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort head = Link(buffers);
        Publish(head);
        return head;
    }

    /// <summary>Offers a chain through an indirect table, which takes one descriptor of the queue.</summary>
    public ushort OfferIndirect(params ReadOnlySpan<DriverBuffer> buffers)
    {
        ulong table = _memory.Allocate(buffers.Length * SplitRing.DescriptorSize);
        for (int i = 0; i < buffers.Length; i++)
        {
            bool last = i + 1 == buffers.Length;
            _memory.Field<VirtqDescriptor>(table + (16 * (ulong)i)) = Make(buffers[i], last ? null : (ushort)(i + 1));
        }

        ushort head = _free.Pop();
        Descriptor(head) = new VirtqDescriptor
        {
            Address = table,
            Length = (uint)(buffers.Length * SplitRing.DescriptorSize),
            Flags = SplitRing.VIRTQ_DESC_F_INDIRECT,
        };
        Publish(head);
        return head;
    }

    /// <summary>Puts a head into the available ring, whatever it names, and moves the index.</summary>
    public void Publish(ushort head)
    {
        ushort index = AvailableIndex;
        AvailableEntry(index & (Layout.Size - 1)) = head;
        Volatile.Write(ref AvailableIndex, (ushort)(index + 1));
    }

    /// <summary>Whether the device wants a kick for what was offered since the last call.</summary>
    public bool TakeKick()
    {
        Interlocked.MemoryBarrier();
        ushort before = _kickedAvailable;
        ushort now = AvailableIndex;
        _kickedAvailable = now;
        if (before == now)
        {
            return false;
        }

        return _eventIndex
            ? (ushort)(now - Volatile.Read(ref AvailableEvent) - 1) < (ushort)(now - before)
            : (Volatile.Read(ref UsedFlags) & SplitRing.VIRTQ_USED_F_NO_NOTIFY) == 0;
    }

    /// <summary>Collects the next chain that the device has used, and frees its descriptors.</summary>
    /// <param name="head">Which request it is.</param>
    /// <param name="written">Bytes that the device wrote.</param>
    public bool TryCollect(out ushort head, out uint written)
    {
        if (Volatile.Read(ref UsedIndex) == _nextUsed)
        {
            head = 0;
            written = 0;
            return false;
        }

        ulong entry = Layout.UsedRing + SplitRing.EntriesOffset + (8 * (ulong)(_nextUsed & (Layout.Size - 1)));
        head = (ushort)_memory.Field<uint>(entry);
        written = _memory.Field<uint>(entry + 4);
        _nextUsed++;
        Free(head);
        return true;
    }

    /// <summary>Asks for an interrupt at the next used chain (meaningful with EVENT_IDX).</summary>
    /// <returns>True if something was used already.</returns>
    public bool ArmInterrupt()
    {
        Volatile.Write(ref UsedEvent, _nextUsed);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref UsedIndex) != _nextUsed;
    }

    private ushort Link(ReadOnlySpan<DriverBuffer> buffers)
    {
        ushort[] taken = new ushort[buffers.Length];
        for (int i = 0; i < taken.Length; i++)
        {
            taken[i] = _free.Pop();
        }

        for (int i = 0; i < taken.Length; i++)
        {
            Descriptor(taken[i]) = Make(buffers[i], i + 1 < taken.Length ? taken[i + 1] : null);
        }

        return taken[0];
    }

    private void Free(ushort head)
    {
        int index = head;
        while (true)
        {
            VirtqDescriptor descriptor = Descriptor(index);
            _free.Push((ushort)index);
            if ((descriptor.Flags & SplitRing.VIRTQ_DESC_F_NEXT) == 0)
            {
                return;
            }

            index = descriptor.Next;
        }
    }

    private static VirtqDescriptor Make(DriverBuffer buffer, ushort? next) => new()
    {
        Address = buffer.Address,
        Length = buffer.Length,
        Flags = (ushort)((buffer.DeviceWritable ? SplitRing.VIRTQ_DESC_F_WRITE : 0) | (next is null ? 0 : SplitRing.VIRTQ_DESC_F_NEXT)),
        Next = next ?? 0,
    };
}
