using System.Diagnostics;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>A request that the device has.</summary>
internal sealed record Pending(ushort Head, ulong Response, ulong Scratch);

/// <summary>One virtqueue with its two lines, and memory for requests that is used again.</summary>
internal sealed class GuestQueue(DriverMemory memory, DriverQueue ring) : IDisposable
{
    /// <summary>Larger requests get memory of their own, which is not used again.</summary>
    private const int ScratchSize = 8192;

    private readonly Stack<ulong> _scratch = new();
    private readonly Dictionary<ushort, uint> _used = [];

    public DriverQueue Ring { get; } = ring;

    public EventFd Kick { get; } = EventFd.Create();

    public EventFd Call { get; } = EventFd.Create();

    /// <summary>How often the device was kicked.</summary>
    public int Kicks { get; private set; }

    /// <summary>Heads in the order in which the device used them.</summary>
    public List<ushort> Order { get; } = [];

    /// <summary>Offers a request and kicks the device if it wants that.</summary>
    public Pending Offer(ReadOnlySpan<byte> request, int responseSize, bool kick = true)
    {
        bool small = request.Length + responseSize <= ScratchSize - 64;
        ulong at = small ? (_scratch.TryPop(out ulong again) ? again : memory.Allocate(ScratchSize)) : memory.Allocate(request.Length + 64 + responseSize);
        ulong response = (at + (ulong)request.Length + 63) & ~63UL;
        request.CopyTo(memory.Span(at, request.Length));
        memory.Span(response, responseSize).Fill(0xEE);
        ushort head = responseSize == 0
            ? Ring.Offer(DriverBuffer.Readable(at, request.Length))
            : Ring.Offer(DriverBuffer.Readable(at, request.Length), DriverBuffer.Writable(response, responseSize));
        if (kick)
        {
            KickIfWanted();
        }

        return new Pending(head, response, small ? at : 0);
    }

    public void KickIfWanted()
    {
        if (Ring.TakeKick())
        {
            Kicks++;
            _ = Kick.Signal();
        }
    }

    /// <summary>Waits until the device has used the request.</summary>
    /// <returns>What the device wrote.</returns>
    public byte[] Wait(Pending pending, TimeSpan patience)
    {
        Assert.True(TryWait(pending, patience, out byte[] response), "the device does not answer");
        return response;
    }

    public bool TryWait(Pending pending, TimeSpan patience, out byte[] response)
    {
        long end = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        while (!_used.ContainsKey(pending.Head))
        {
            Collect();
            if (_used.ContainsKey(pending.Head) || Ring.ArmInterrupt())
            {
                continue;
            }

            if (!Poll.WaitUntil(Call, Readiness.In, end))
            {
                response = [];
                return false;
            }

            _ = Call.TryDrain(out _);
        }

        _ = _used.Remove(pending.Head, out uint written);
        response = memory.Span(pending.Response, (int)written).ToArray();
        if (pending.Scratch != 0)
        {
            _scratch.Push(pending.Scratch);
        }

        return true;
    }

    /// <summary>Waits until the device holds nothing of this queue, and forgets what it answered.</summary>
    public bool WaitUntilIdle(TimeSpan patience)
    {
        long end = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            Collect();
            _used.Clear();
            Order.Clear();
            if (Ring.FreeDescriptors == Ring.Layout.Size)
            {
                return true;
            }

            if (!Ring.ArmInterrupt() && !Poll.WaitUntil(Call, Readiness.In, end))
            {
                return false;
            }

            _ = Call.TryDrain(out _);
        }
    }

    /// <summary>Notes what the device has used by now.</summary>
    public void Collect()
    {
        while (Ring.TryCollect(out ushort head, out uint written))
        {
            _used.Add(head, written);
            Order.Add(head);
        }
    }

    public void Dispose()
    {
        Kick.Dispose();
        Call.Dispose();
    }
}
