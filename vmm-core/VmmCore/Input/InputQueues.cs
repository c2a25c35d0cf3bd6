using System.Runtime.InteropServices;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.VirtioPci;
using SplitVmm.Wires.Input;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// The event and status queues of a virtio-input device that a driver runs (virtio 1.3 section 5.8.2). A report
/// goes to the guest as a whole: buffers are held back until there are as many as it has events. Used under the
/// lock of <see cref="InputDevice"/>.
/// </summary>
internal sealed class InputQueues
{
    public const int EventQueue = 0;
    public const int StatusQueue = 1;

    private static readonly int EventSize = Marshal.SizeOf<InputEvent>();

    private readonly DeviceQueues _queues = new(2);
    private readonly List<DescriptorChain> _held = new(InputProtocol.MaxEvents);
    private readonly InputEvent[] _report = new InputEvent[InputProtocol.MaxEvents];

    /// <summary>The longest report that can ever find enough buffers.</summary>
    public int LongestReport => Math.Min(InputProtocol.MaxEvents, _queues.SizeOf(EventQueue));

    /// <inheritdoc cref="DeviceQueues.TryStart"/>
    public bool TryStart(GuestMemory memory, ulong features, IReadOnlyList<ActiveQueue> queues) => _queues.TryStart(memory, features, queues);

    /// <summary>
    /// Passes on as many whole reports as there are buffers for. False if the driver broke the queue: once, for
    /// after <see cref="Stop"/> there is nothing to do.
    /// </summary>
    public bool TryDeliver(ReportBacklog backlog)
    {
        if (_queues.Working(EventQueue) is not { } queue)
        {
            return true;
        }

        while (backlog.TryPeek(out int length))
        {
            if (!TryHold(queue, length, out bool enough))
            {
                return false;
            }

            if (!enough)
            {
                break;
            }

            Span<InputEvent> report = _report.AsSpan(0, length);
            backlog.Take(report);
            Push(queue, report);
        }

        _queues.Interrupt(EventQueue);
        return true;
    }

    /// <summary>Takes what the driver sent back, one event after another. False, once, if the driver broke the queue.</summary>
    public bool TryTakeStatus(Action<InputEvent> take)
    {
        if (_queues.Working(StatusQueue) is not { } queue)
        {
            return true;
        }

        while (queue.TryPop(out DescriptorChain? chain))
        {
            ChainReader reader = chain.CreateReader();
            if (reader.TryRead(out InputEvent item))
            {
                take(item);
            }

            queue.Push(chain, 0);
        }

        _queues.Interrupt(StatusQueue);
        return queue.Error == QueueError.None;
    }

    public void Stop()
    {
        _queues.Stop();
        foreach (DescriptorChain chain in _held)
        {
            chain.Queue.Push(chain, 0);
        }

        _held.Clear();
    }

    /// <summary>Takes buffers until <paramref name="length"/> are held; false if the queue is broken.</summary>
    private bool TryHold(SplitQueue queue, int length, out bool enough)
    {
        enough = false;
        while (_held.Count < length)
        {
            if (!queue.TryPop(out DescriptorChain? chain))
            {
                return queue.Error == QueueError.None;
            }

            _held.Add(chain);
            if (chain.WritableLength < EventSize)
            {
                return false;
            }
        }

        enough = true;
        return true;
    }

    private void Push(SplitQueue queue, ReadOnlySpan<InputEvent> report)
    {
        for (int i = 0; i < report.Length; i++)
        {
            ChainWriter writer = _held[i].CreateWriter();
            _ = writer.TryWrite(in report[i]);
            queue.Push(_held[i], writer.Written);
        }

        _held.RemoveRange(0, report.Length);
    }
}
