using System.Diagnostics.CodeAnalysis;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.Virtio.Queues;

/// <summary>
/// The device's side of a split virtqueue (virtio 1.3 section 2.7). The driver is taken to be hostile: whatever
/// it writes, the outcome is a <see cref="QueueError"/> that stops the queue, never an exception and never an
/// access outside guest memory. Popping and pushing allocate nothing once as many chains were outstanding.
/// </summary>
/// <remarks>
/// Not thread-safe: one thread at a time. A device works like this on each kick:
/// <code>
/// while (queue.TryPop(out var chain)) { ...; queue.Push(chain, written); }
/// if (queue.TakeInterrupt()) { call.Signal(); }
/// </code>
/// When <see cref="TryPop"/> finds nothing, it has armed the kick for the next offer, so no wake-up is lost.
/// </remarks>
public sealed unsafe class SplitQueue
{
    /// <summary>
    /// Drivers put longer chains than the queue has descriptors into indirect tables (Linux does so with paged
    /// command buffers); up to this many descriptors are accepted, as many as other device implementations take.
    /// </summary>
    public const int MaxIndirectChain = 1024;

    private readonly Stack<DescriptorChain> _idle = new();
    private readonly bool[] _taken;
    private readonly int _mask;
    private readonly bool _eventIndex;
    private readonly bool _indirect;
    private readonly InflightRegion? _inflight;

    private GuestMemory _memory;
    private VirtqDescriptor* _descriptors;
    private byte* _available;
    private byte* _used;

    private ushort _nextAvailable;
    private ushort _knownAvailable;
    private ushort _nextUsed;
    private ushort _signalledUsed;
    private bool _hasSignalled;
    private bool _pushed;
    private bool _suppressed;
    private bool _stopped;
    private int _outstanding;
    private ushort[] _recovered = [];
    private int _nextRecovered;

    private SplitQueue(GuestMemory memory, in SplitQueueLayout layout, ulong features, InflightRegion? inflight)
    {
        memory.Acquire();
        _memory = memory;
        Layout = layout;
        _mask = layout.Size - 1;
        _taken = new bool[layout.Size];
        _eventIndex = (features & VirtioFeatures.VIRTIO_F_EVENT_IDX) != 0;
        _indirect = (features & VirtioFeatures.VIRTIO_F_INDIRECT_DESC) != 0;
        _inflight = inflight;
    }

    /// <summary>Where the driver put the queue.</summary>
    public SplitQueueLayout Layout { get; private set; }

    /// <summary>Number of descriptors.</summary>
    public int Size => _mask + 1;

    /// <summary>What broke the queue; None while it works.</summary>
    public QueueError Error { get; private set; }

    /// <summary>Chains that the device holds.</summary>
    public int Outstanding => _outstanding;

    /// <summary>The next available index to take: the vring base of vhost-user.</summary>
    public ushort NextAvailable => _nextAvailable;

    /// <summary>The next used index to write.</summary>
    public ushort NextUsed => _nextUsed;

    /// <summary>Whether <see cref="Stop"/> was called.</summary>
    public bool IsStopped => _stopped;

    /// <summary>
    /// Sets up the device's side of a queue and takes a reference on the memory, until <see cref="Stop"/>.
    /// </summary>
    /// <param name="memory">Guest memory that holds the rings and the buffers.</param>
    /// <param name="layout">Where the driver put them; checked.</param>
    /// <param name="features">The negotiated feature bits.</param>
    /// <param name="nextAvailable">Where to go on in the available ring: 0 after a reset, else the saved base.</param>
    /// <param name="queue">The queue, if the outcome is None.</param>
    /// <param name="inflight">
    /// Where taken chains are recorded, with room for at least as many as the queue has. If an earlier process left chains there,
    /// they are popped first, and its record decides where to go on instead of <paramref name="nextAvailable"/>.
    /// </param>
    public static QueueError TryCreate(
        GuestMemory memory, in SplitQueueLayout layout, ulong features, ushort nextAvailable, out SplitQueue? queue,
        InflightRegion? inflight = null)
    {
        queue = null;
        if (!SplitRing.IsValidSize(layout.Size))
        {
            return QueueError.BadSize;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(inflight?.Size ?? layout.Size, layout.Size, nameof(inflight));
        var made = new SplitQueue(memory, layout, features, inflight);
        QueueError error = made.Bind(memory, layout);
        if (error != QueueError.None)
        {
            made.Stop();
            return error;
        }

        // After a restart the used ring goes on where the driver last saw it.
        made._nextUsed = RingIndex.Load(made._used + SplitRing.IndexOffset);
        if (inflight is not null && inflight.TryRecover(made._nextUsed, out made._recovered))
        {
            nextAvailable = (ushort)(made._nextUsed + made._recovered.Length);
        }

        made._nextAvailable = nextAvailable;
        made._knownAvailable = nextAvailable;
        queue = made;
        return QueueError.None;
    }

    /// <summary>
    /// Goes over to another set of guest memory (a new memory table) without losing the place in the rings.
    /// Outstanding chains keep the old memory until they are given back. An error breaks the queue.
    /// </summary>
    public QueueError Rebind(GuestMemory memory, in SplitQueueLayout layout)
    {
        if (_stopped)
        {
            return QueueError.None;
        }

        QueueError error = layout.Size == Size ? Bind(memory, layout) : QueueError.BadSize;
        if (error != QueueError.None)
        {
            Error = error;
            return error;
        }

        memory.Acquire();
        _memory.Release();
        _memory = memory;
        Layout = layout;
        return QueueError.None;
    }

    /// <summary>
    /// Takes the next chain that the driver offers. False: nothing is offered (and, unless kicks are suppressed, the
    /// next offer is announced by one), or the queue is stopped or broken (<see cref="Error"/>).
    /// </summary>
    public bool TryPop([NotNullWhen(true)] out DescriptorChain? chain)
    {
        chain = null;
        if (_stopped || Error != QueueError.None)
        {
            return false;
        }

        if (_nextRecovered < _recovered.Length)
        {
            ushort recovered = _recovered[_nextRecovered++];
            if (!TryTake(recovered, out chain))
            {
                return false;
            }

            chain.Number = _inflight!.NumberOf(recovered);
            chain.IsRecovered = true;
            return true;
        }

        if (_knownAvailable == _nextAvailable && !RefreshAvailable())
        {
            return false;
        }

        // The mask keeps the entry inside the ring, whose extent was checked when the queue was bound.
        ushort head = RingIndex.Load(_available + SplitRing.EntriesOffset + (2 * (_nextAvailable & _mask)));
        if (!TryTake(head, out chain))
        {
            return false;
        }

        _nextAvailable++;
        chain.Number = _inflight?.Take(head) ?? 0;
        return true;
    }

    /// <summary>
    /// Gives a chain back to the driver; the caller must not touch it any more. After <see cref="Stop"/> it is only
    /// recycled: the driver has taken its rings back.
    /// </summary>
    /// <param name="chain">A chain that <see cref="TryPop"/> of this queue gave out.</param>
    /// <param name="written">Bytes written to the device-writable part, from its start.</param>
    /// <exception cref="ArgumentException">The chain is not outstanding here, or cannot hold that many bytes.</exception>
    public void Push(DescriptorChain chain, uint written)
    {
        if (chain.Queue != this || !chain.IsOutstanding)
        {
            throw new ArgumentException("the chain is not one that this queue gave out", nameof(chain));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(written, chain.WritableLength);
        ushort head = chain.Head;
        chain.End();
        _idle.Push(chain);
        _taken[head] = false;
        _outstanding--;
        if (_stopped)
        {
            return;
        }

        // The mask keeps the entry inside the ring, whose extent was checked when the queue was bound.
        byte* entry = _used + SplitRing.EntriesOffset + (8 * (_nextUsed & _mask));
        *(uint*)entry = head;
        *(uint*)(entry + 4) = written;
        _nextUsed++;
        _pushed = true;
        _inflight?.BeginUse(head);
        RingIndex.Store(_used + SplitRing.IndexOffset, _nextUsed);
        _inflight?.EndUse(head, _nextUsed);
    }

    /// <summary>
    /// Whether the driver wants an interrupt for what was pushed since the last call (section 2.7.7.2 and
    /// VIRTQ_AVAIL_F_NO_INTERRUPT). If so the caller signals it; the question is then settled.
    /// </summary>
    public bool TakeInterrupt()
    {
        if (_stopped || !_pushed)
        {
            return false;
        }

        ushort pushedFrom = _signalledUsed;
        bool isFirst = !_hasSignalled;
        _signalledUsed = _nextUsed;
        _hasSignalled = true;
        _pushed = false;
        // The driver enables interrupts, then looks at the used index; we write the index, then look whether
        // interrupts are enabled. Without a full barrier on both sides each could miss the other.
        Interlocked.MemoryBarrier();
        if (!_eventIndex)
        {
            return (RingIndex.Load(_available) & SplitRing.VIRTQ_AVAIL_F_NO_INTERRUPT) == 0;
        }

        ushort usedEvent = RingIndex.Load(_available + SplitRing.EntriesOffset + (2 * Size));
        return isFirst || RingIndex.IsPassed(usedEvent, pushedFrom, _nextUsed);
    }

    /// <summary>Tells the driver that no kicks are needed, while the device polls or is busy anyway.</summary>
    public void SuppressKicks()
    {
        _suppressed = true;
        if (!_eventIndex && !_stopped)
        {
            RingIndex.Store(_used, SplitRing.VIRTQ_USED_F_NO_NOTIFY);
        }
    }

    /// <summary>Asks the driver for kicks again.</summary>
    /// <returns>True if something was offered in the meantime: the caller pops again, no kick will come for it.</returns>
    public bool ResumeKicks()
    {
        _suppressed = false;
        if (_stopped || Error != QueueError.None)
        {
            return false;
        }

        ArmKick();
        return _nextRecovered < _recovered.Length || RingIndex.Load(_available + SplitRing.IndexOffset) != _nextAvailable;
    }

    /// <summary>
    /// Ends the device's use of the rings. Chains still outstanding stay readable and writable until they are
    /// given back, but the driver will not hear of them.
    /// </summary>
    /// <returns>The next available index, where a successor goes on.</returns>
    public ushort Stop()
    {
        if (!_stopped)
        {
            _stopped = true;
            _memory.Release();
        }

        return _nextAvailable;
    }

    private bool TryTake(ushort head, [NotNullWhen(true)] out DescriptorChain? chain)
    {
        chain = null;
        QueueError error = QueueError.None;
        if (_outstanding == Size)
        {
            error = QueueError.TooManyChains;
        }
        else if (head > _mask)
        {
            error = QueueError.DescriptorIndexOutOfRange;
        }
        else if (_taken[head])
        {
            error = QueueError.HeadInFlight;
        }

        if (error != QueueError.None)
        {
            Error = error;
            return false;
        }

        DescriptorChain taken = _idle.TryPop(out DescriptorChain? idle) ? idle : new DescriptorChain(this);
        taken.Begin(head, _memory);
        error = new ChainWalk(taken, _memory, _indirect).Follow(_descriptors, Size, head);
        if (error != QueueError.None)
        {
            taken.End();
            _idle.Push(taken);
            Error = error;
            return false;
        }

        _taken[head] = true;
        _outstanding++;
        chain = taken;
        return true;
    }

    private bool RefreshAvailable()
    {
        ushort index = RingIndex.Load(_available + SplitRing.IndexOffset);
        if (index == _nextAvailable && !_suppressed)
        {
            ArmKick();
            index = RingIndex.Load(_available + SplitRing.IndexOffset);
        }

        if ((ushort)(index - _nextAvailable) > Size)
        {
            Error = QueueError.AvailableIndexJump;
            return false;
        }

        _knownAvailable = index;
        return index != _nextAvailable;
    }

    private void ArmKick()
    {
        if (_eventIndex)
        {
            RingIndex.Store(_used + SplitRing.EntriesOffset + (8 * Size), _nextAvailable);
        }
        else
        {
            RingIndex.Store(_used, 0);
        }

        // The driver adds, then looks whether a kick is wanted; we say that it is, then look for additions.
        Interlocked.MemoryBarrier();
    }

    private QueueError Bind(GuestMemory memory, in SplitQueueLayout layout)
    {
        if (layout.DescriptorTable % SplitRing.DescriptorTableAlignment != 0
            || layout.AvailableRing % SplitRing.AvailableRingAlignment != 0
            || layout.UsedRing % SplitRing.UsedRingAlignment != 0)
        {
            return QueueError.MisalignedRing;
        }

        if (!memory.TryTranslate(layout.DescriptorTable, SplitRing.DescriptorTableBytes(layout.Size), out byte* descriptors)
            || !memory.TryTranslate(layout.AvailableRing, SplitRing.AvailableRingBytes(layout.Size), out byte* available)
            || !memory.TryTranslate(layout.UsedRing, SplitRing.UsedRingBytes(layout.Size), out byte* used))
        {
            return QueueError.RingOutsideMemory;
        }

        _descriptors = (VirtqDescriptor*)descriptors;
        _available = available;
        _used = used;
        return QueueError.None;
    }
}
