using System.Runtime.CompilerServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Input;

/// <summary>
/// The end of the input wire that has the guest: vmm-core. The source is treated as hostile: only whole, checked
/// reports reach the handler, its rate is bounded, and one violation closes the wire.
/// </summary>
public sealed class InputWireSink : IDisposable, IWireReceiver
{
    // Events. An 8 kHz mouse makes three per report.
    private const int TokensPerSecond = 40_000;

    private readonly WireConnection _connection;
    private readonly IInputWireSinkHandler _handler;
    private LedStates _leds;
    private bool _ledsPending;

    /// <summary>Starts to listen on <paramref name="loop"/> and says hello.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public InputWireSink(EventLoop loop, UnixSocket socket, IInputWireSinkHandler handler)
    {
        _handler = handler;
        _connection = new WireConnection(loop, socket, this, InputValidation.Sink, TokensPerSecond);
        _connection.SayHello();
    }

    /// <summary>The other side is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>Tells the source which lights the guest has lit; the newest state is sent as soon as possible.</summary>
    public void SetLeds(LedStates lit)
    {
        _leds = lit & LedStates.All;
        _ledsPending = true;
        Flush();
    }

    public void Dispose() => _connection.Dispose();

    int IWireReceiver.CostOf(uint type, int size) => Math.Max(1, size / Unsafe.SizeOf<InputEvent>());

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello)
    {
        Flush();
        return null;
    }

    WireError? IWireReceiver.Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        WireError? error = WireBody.CheckDescriptors(InputValidation.Wire, "message", descriptors, 0);
        if (error is not null)
        {
            return error;
        }

        return (InputMessageType)type switch
        {
            InputMessageType.Events => ReceiveEvents(body),
            _ => InputValidation.Error("message", "type", $"0x{type:x} does not belong here"),
        };
    }

    void IWireReceiver.Writable() => Flush();

    void IWireReceiver.Closed(WireError? error) => _handler.OnClosed(error);

    private WireError? ReceiveEvents(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.ReadWithTrailer(InputValidation.Wire, "events", body, out InputBatch batch, out ReadOnlySpan<InputEvent> events);
        error ??= batch.Count == events.Length
            ? InputValidation.Check(batch.Device, events)
            : InputValidation.Error("events", "count", $"says {batch.Count} with {events.Length} events");
        if (error is null)
        {
            _handler.OnEvents(batch.Device, events);
        }

        return error;
    }

    private void Flush()
    {
        if (_ledsPending)
        {
            var leds = new InputLeds { Lit = _leds };
            _ledsPending = _connection.Send((uint)InputMessageType.Leds, in leds) == SocketStatus.WouldBlock;
        }
    }
}
