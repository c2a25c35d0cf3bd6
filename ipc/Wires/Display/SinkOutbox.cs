using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>
/// What the sink has to tell: at most one output info per scanout and one frame done per buffer and one refusal per scanout, so that its
/// size is fixed. Output infos go first.
/// </summary>
internal sealed class SinkOutbox
{
    private readonly OutputInfo[] _outputs = new OutputInfo[DisplayProtocol.MaxScanouts];
    private readonly FrameDone[] _frames = new FrameDone[DisplayProtocol.MaxScanouts * DisplayProtocol.MaxBuffers];
    private readonly BufferReference[] _refusals = new BufferReference[DisplayProtocol.MaxScanouts];
    private uint _outputsPending;
    private uint _refusalsPending;
    private ulong _framesPending;

    public void Put(in OutputInfo info)
    {
        _outputs[info.Scanout] = info;
        _outputsPending |= 1u << (int)info.Scanout;
    }

    public void Put(in FrameDone done)
    {
        // 16 scanouts of 4 buffers: exactly the bits of the mask. An older entry here is of a generation that is gone.
        int slot = (int)((done.Scanout * DisplayProtocol.MaxBuffers) + done.Buffer);
        _frames[slot] = done;
        _framesPending |= 1ul << slot;
    }

    /// <summary>One for each scanout is enough: it says that the scanout needs memfds.</summary>
    public void Refuse(in BufferReference buffer)
    {
        _refusals[buffer.Scanout] = buffer;
        _refusalsPending |= 1u << (int)buffer.Scanout;
    }

    public void Flush(WireConnection connection)
    {
        while (_outputsPending != 0)
        {
            int next = System.Numerics.BitOperations.TrailingZeroCount(_outputsPending);
            if (connection.Send((uint)DisplayMessageType.OutputInfo, in _outputs[next]) != SocketStatus.Done)
            {
                return;
            }

            _outputsPending &= ~(1u << next);
        }

        while (_refusalsPending != 0)
        {
            int next = System.Numerics.BitOperations.TrailingZeroCount(_refusalsPending);
            if (connection.Send((uint)DisplayMessageType.BufferRefused, in _refusals[next]) != SocketStatus.Done)
            {
                return;
            }

            _refusalsPending &= ~(1u << next);
        }

        while (_framesPending != 0)
        {
            int next = System.Numerics.BitOperations.TrailingZeroCount(_framesPending);
            if (connection.Send((uint)DisplayMessageType.FrameDone, in _frames[next]) != SocketStatus.Done)
            {
                return;
            }

            _framesPending &= ~(1ul << next);
        }
    }
}
