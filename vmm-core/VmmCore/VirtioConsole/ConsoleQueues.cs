using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>
/// The queues of a virtio-console with two ports (virtio 1.3 section 5.3.2). A chain that the host's side does not take
/// yet is held, the only one. Used under the lock of <see cref="ConsoleDevice"/>.
/// </summary>
internal sealed class ConsoleQueues(int largestPiece)
{
    public const int ReceiveZero = 0;
    public const int TransmitZero = 1;
    public const int ControlReceive = 2;
    public const int ControlTransmit = 3;
    public const int Receive = 4;
    public const int Transmit = 5;
    public const int Count = 6;

    /// <summary>A guest that offers as fast as it is served must not keep the event loop for itself.</summary>
    private const int LongestTurn = 256;

    private readonly DeviceQueues _queues = new(Count);
    private readonly byte[] _piece = new byte[largestPiece];
    private DescriptorChain? _held;
    private uint _heldOffset;

    /// <inheritdoc cref="DeviceQueues.TryStart"/>
    public bool TryStart(GuestMemory memory, ulong features, IReadOnlyList<ActiveQueue> queues) => _queues.TryStart(memory, features, queues);

    /// <summary>Gives back what the driver sent on a queue, unread.</summary>
    public QueueTurn Discard(int index)
    {
        if (_queues.Working(index) is not { } queue)
        {
            return QueueTurn.Done;
        }

        if (index == Transmit && _held is { } held)
        {
            _held = null;
            queue.Push(held, 0);
        }

        int left = LongestTurn;
        while (left > 0 && queue.TryPop(out DescriptorChain? chain))
        {
            left--;
            queue.Push(chain, 0);
        }

        return End(queue, index, left);
    }

    /// <summary>Takes the driver's control messages; the driver gets each back after it was taken. Too short ones say nothing.</summary>
    public QueueTurn TakeControl(Action<VirtioConsoleControl> take)
    {
        if (_queues.Working(ControlTransmit) is not { } queue)
        {
            return QueueTurn.Done;
        }

        int left = LongestTurn;
        while (left > 0 && queue.TryPop(out DescriptorChain? chain))
        {
            left--;
            ChainReader reader = chain.CreateReader();
            if (reader.TryRead(out VirtioConsoleControl message))
            {
                take(message);
            }

            queue.Push(chain, 0);
        }

        return End(queue, ControlTransmit, left);
    }

    /// <summary>Tells the driver what it is owed, as far as it has offered buffers. One that is too small breaks the queue.</summary>
    /// <param name="name">Of the port.</param>
    public QueueTurn TellControl(PortControl control, ReadOnlySpan<byte> name)
    {
        if (_queues.Working(ControlReceive) is not { } queue)
        {
            return QueueTurn.Done;
        }

        while (control.TryPeek(out VirtioConsoleControl message) && queue.TryPop(out DescriptorChain? chain))
        {
            ChainWriter writer = chain.CreateWriter();
            bool fits = writer.TryWrite(in message)
                && (message.Event != VirtioConsoleEvent.VIRTIO_CONSOLE_PORT_NAME || writer.TryWrite(name));
            queue.Push(chain, writer.Written);
            if (!fits)
            {
                return QueueTurn.Broken;
            }

            control.Told(in message);
        }

        return End(queue, ControlReceive, 1);
    }

    /// <summary>Passes what the guest sends on the port to the host's side, until that takes no more.</summary>
    public QueueTurn Read(IPortUser user)
    {
        if (_queues.Working(Transmit) is not { } queue)
        {
            return QueueTurn.Done;
        }

        int left = LongestTurn;
        while (left > 0 && (_held is not null || TryHold(queue)))
        {
            left--;
            if (!TryPassHeld(user))
            {
                _ = End(queue, Transmit, 1);
                return QueueTurn.Done;
            }

            // Taken, or the port was closed from inside and everything is given back.
            if (_held is { } done)
            {
                _held = null;
                queue.Push(done, 0);
            }
        }

        return End(queue, Transmit, left);
    }

    /// <summary>Writes to the guest as much as there are buffers for.</summary>
    public QueueTurn Write(ReadOnlySpan<byte> bytes, out int written)
    {
        written = 0;
        if (_queues.Working(Receive) is not { } queue)
        {
            return QueueTurn.Done;
        }

        while (written < bytes.Length && queue.TryPop(out DescriptorChain? chain))
        {
            ChainWriter writer = chain.CreateWriter();
            int part = writer.WriteUpTo(bytes[written..]);
            written += part;
            queue.Push(chain, (uint)part);
            if (part == 0)
            {
                // A buffer without room: nothing would ever get through.
                return QueueTurn.Broken;
            }
        }

        return End(queue, Receive, 1);
    }

    public void Stop()
    {
        _queues.Stop();
        _held?.Queue.Push(_held, 0);
        _held = null;
    }

    private bool TryHold(SplitQueue queue)
    {
        _heldOffset = 0;
        return queue.TryPop(out _held);
    }

    private bool TryPassHeld(IPortUser user)
    {
        // The port may be closed, and the chain given back, by what is called here.
        while (_held is { } chain && _heldOffset < chain.ReadableLength)
        {
            ChainReader reader = chain.CreateReader();
            _ = reader.TrySkip(_heldOffset);
            int length = reader.ReadUpTo(_piece);
            if (!user.TryTake(_piece.AsSpan(0, length)))
            {
                return false;
            }

            _heldOffset += (uint)length;
        }

        return true;
    }

    /// <param name="left">0: the turn was as long as it may be.</param>
    private QueueTurn End(SplitQueue queue, int index, int left)
    {
        _queues.Interrupt(index);
        return queue.Error != QueueError.None ? QueueTurn.Broken : left == 0 ? QueueTurn.More : QueueTurn.Done;
    }
}
