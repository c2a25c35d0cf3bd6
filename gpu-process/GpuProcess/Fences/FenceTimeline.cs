using SplitVmm.VhostUser.BackEnd;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Fences;

/// <summary>
/// Requests whose responses wait for a fence, in the order of their fences (virtio 1.3 section 5.7.6.5). The
/// renderer gets numbers of our own, because guests number as they like. The numbers wrap; fewer than 2^31 are
/// pending at once. Adding and retiring allocate nothing once as many were pending.
/// </summary>
internal sealed class FenceTimeline
{
    // Of many rings few have more than one request waiting.
    private Pending[] _ring = new Pending[4];
    private int _head;
    private int _count;
    private uint _last;

    /// <summary>Requests that wait.</summary>
    public int Count => _count;

    /// <summary>Puts a request behind the others. To be called before the renderer makes the fence.</summary>
    /// <param name="fence">The number of its fence, above that of every earlier one.</param>
    /// <param name="written">Bytes of its response, which is written already.</param>
    public void Add(VhostUserQueue queue, DescriptorChain chain, uint written, uint fence)
    {
        if (_count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + _count) & (_ring.Length - 1)] = new Pending(queue, chain, written, fence);
        _count++;
        _last = fence;
    }

    /// <summary>
    /// The renderer refused the fence of the last request: it completes with those before it, and at once if
    /// there are none. Answering it sooner would tell the guest that those are complete too.
    /// </summary>
    /// <returns>True if it has to be completed now, by <see cref="TryRetire"/> up to the fence's number.</returns>
    public bool Refuse()
    {
        ref Pending refused = ref _ring[(_head + _count - 1) & (_ring.Length - 1)];
        if (_count == 1)
        {
            return true;
        }

        refused.Fence = _ring[(_head + _count - 2) & (_ring.Length - 1)].Fence;
        return false;
    }

    /// <summary>Takes the next request whose fence is <paramref name="fence"/> or an earlier one.</summary>
    public bool TryRetire(uint fence, out Pending retired)
    {
        if (_count == 0 || (int)(fence - _ring[_head].Fence) < 0)
        {
            retired = default;
            return false;
        }

        retired = _ring[_head];
        _ring[_head] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        _count--;
        return true;
    }

    /// <summary>Takes the next request whether its fence is complete or not: the queue ends.</summary>
    public bool TryAbandon(out Pending abandoned) => TryRetire(_last, out abandoned);

    private void Grow()
    {
        var larger = new Pending[_ring.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        }

        _ring = larger;
        _head = 0;
    }

    /// <summary>A request that waits.</summary>
    internal struct Pending(VhostUserQueue queue, DescriptorChain chain, uint written, uint fence)
    {
        public readonly VhostUserQueue Queue => queue;

        public readonly DescriptorChain Chain => chain;

        public readonly uint Written => written;

        public uint Fence { readonly get; set; } = fence;
    }
}
