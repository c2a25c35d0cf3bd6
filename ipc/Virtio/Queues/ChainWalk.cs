using SplitVmm.Virtio.Memory;

namespace SplitVmm.Virtio.Queues;

/// <summary>Follows one chain through the descriptor table and into an indirect table, and checks every step.</summary>
internal readonly unsafe ref struct ChainWalk(DescriptorChain chain, GuestMemory memory, bool indirectNegotiated)
{
    /// <param name="table">The descriptor table, of <paramref name="size"/> entries.</param>
    /// <param name="size">The queue size.</param>
    /// <param name="head">Index of the first descriptor, below the size.</param>
    public QueueError Follow(VirtqDescriptor* table, int size, ushort head)
    {
        int index = head;
        // A chain of more descriptors than the table has contains one twice: this also ends every loop.
        for (int count = 1; count <= size; count++)
        {
            // index < size; Bind checked the extent of the table. One copy: the guest may be changing it.
            VirtqDescriptor descriptor = Volatile(table + index);
            if ((descriptor.Flags & SplitRing.VIRTQ_DESC_F_INDIRECT) != 0)
            {
                // Ordinary descriptors may come before, nothing may come after (section 2.7.5.3.2).
                return (descriptor.Flags & SplitRing.VIRTQ_DESC_F_NEXT) != 0
                    ? QueueError.IndirectWithNext
                    : FollowIndirect(descriptor, Math.Max(size, SplitQueue.MaxIndirectChain) - (count - 1));
            }

            QueueError error = chain.Append(descriptor);
            if (error != QueueError.None || (descriptor.Flags & SplitRing.VIRTQ_DESC_F_NEXT) == 0)
            {
                return error;
            }

            index = descriptor.Next;
            if (index >= size)
            {
                return QueueError.DescriptorIndexOutOfRange;
            }
        }

        return QueueError.ChainTooLong;
    }

    private QueueError FollowIndirect(in VirtqDescriptor reference, int limit)
    {
        if (!indirectNegotiated)
        {
            return QueueError.IndirectNotNegotiated;
        }

        if (reference.Length == 0 || reference.Length % SplitRing.DescriptorSize != 0)
        {
            return QueueError.BadIndirectLength;
        }

        uint entries = reference.Length / SplitRing.DescriptorSize;
        if (!memory.Covers(reference.Address, reference.Length))
        {
            return QueueError.BufferOutsideMemory;
        }

        uint index = 0;
        for (int count = 1; count <= limit && count <= entries; count++)
        {
            // The table may cross regions, and the guest may be changing it: one checked copy per entry.
            if (!memory.TryRead(reference.Address + (index * SplitRing.DescriptorSize), out VirtqDescriptor descriptor))
            {
                return QueueError.BufferOutsideMemory;
            }

            if ((descriptor.Flags & SplitRing.VIRTQ_DESC_F_INDIRECT) != 0)
            {
                return QueueError.NestedIndirect;
            }

            QueueError error = chain.Append(descriptor);
            if (error != QueueError.None || (descriptor.Flags & SplitRing.VIRTQ_DESC_F_NEXT) == 0)
            {
                return error;
            }

            index = descriptor.Next;
            if (index >= entries)
            {
                return QueueError.DescriptorIndexOutOfRange;
            }
        }

        return QueueError.ChainTooLong;
    }

    private static VirtqDescriptor Volatile(VirtqDescriptor* entry)
    {
        // Two loads of 8 aligned bytes each: the compiler may not fetch a field a second time.
        ulong* words = (ulong*)entry;
        VirtqDescriptor copy;
        ((ulong*)&copy)[0] = System.Threading.Volatile.Read(ref words[0]);
        ((ulong*)&copy)[1] = System.Threading.Volatile.Read(ref words[1]);
        return copy;
    }
}
