using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Input;

/// <summary>The end of the input wire that has a keyboard and a pointer: display-process. Never blocks, queues nothing.</summary>
public sealed class InputWireSource : IDisposable, IWireReceiver
{
    private const int TokensPerSecond = 1000;

    private readonly WireConnection _connection;
    private readonly IInputWireSourceHandler _handler;

    /// <summary>Starts to listen on <paramref name="loop"/> and says hello.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public InputWireSource(EventLoop loop, UnixSocket socket, IInputWireSourceHandler handler)
    {
        _handler = handler;
        _connection = new WireConnection(loop, socket, this, InputValidation.Source, TokensPerSecond);
        _connection.SayHello();
    }

    /// <summary>The other side is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>
    /// Sends one whole report, SYN_REPORT last. <see cref="SocketStatus.WouldBlock"/> before the other side's
    /// hello, and when vmm-core does not keep up: motion may then be dropped, releases may not.
    /// </summary>
    /// <exception cref="ArgumentException"><see cref="InputValidation"/> refuses the report.</exception>
    public SocketStatus SendEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        if (InputValidation.Check(device, events) is { } error)
        {
            throw new ArgumentException(error.ToString());
        }

        var batch = new InputBatch { Device = device, Count = (uint)events.Length };
        return _connection.Send((uint)InputMessageType.Events, in batch, MemoryMarshal.AsBytes(events));
    }

    public void Dispose() => _connection.Dispose();

    int IWireReceiver.CostOf(uint type, int size) => 1;

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello)
    {
        _handler.OnReady();
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
            InputMessageType.Leds => ReceiveLeds(body),
            _ => InputValidation.Error("message", "type", $"0x{type:x} does not belong here"),
        };
    }

    void IWireReceiver.Writable() => _handler.OnWritable();

    void IWireReceiver.Closed(WireError? error) => _handler.OnClosed(error);

    private WireError? ReceiveLeds(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.Read(InputValidation.Wire, "leds", body, out InputLeds leds) ?? InputValidation.Check(in leds);
        if (error is null)
        {
            _handler.OnLeds(leds.Lit);
        }

        return error;
    }
}
