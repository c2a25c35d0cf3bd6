using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>
/// The end of the display wire that shows pictures: display-process. The source is treated as hostile:
/// everything it sends is checked here before the handler sees it, its rate is bounded, and one violation
/// closes the wire. What this side sends is state, held here and sent when the socket has room: the newest
/// output info per scanout and the frames that are done, both bounded by the protocol.
/// </summary>
public sealed partial class DisplayWireSink : IDisposable, IWireReceiver
{
    // About 8000 cursor moves or frames, or 100 new scanouts (each maps memory), per second.
    private const int TokensPerSecond = 8000;
    private const int ScanoutSetCost = 80;
    private const int CursorImageCost = 8;

    private readonly EventLoop _loop;
    private readonly WireConnection _connection;
    private readonly IDisplayWireSinkHandler _handler;
    private readonly DisplayTransports _supported;
    private readonly FramesInFlight[] _scanouts = FramesInFlight.ForAllScanouts();
    private readonly SinkOutbox _outbox = new();
    private readonly PictureFormat[] _formats;

    /// <summary>Starts to listen on <paramref name="loop"/> and says hello.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    /// <param name="formats">Of the dma-bufs that can be shown; at most <see cref="DisplayProtocol.MaxFormats"/>.</param>
    public DisplayWireSink(
        EventLoop loop, UnixSocket socket, IDisplayWireSinkHandler handler, DisplayTransports supported = DisplayTransports.MemFd,
        ReadOnlySpan<PictureFormat> formats = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(formats.Length, DisplayProtocol.MaxFormats);
        _loop = loop;
        _handler = handler;
        _supported = supported;
        _formats = formats.ToArray();
        _connection = new WireConnection(loop, socket, this, DisplayValidation.Sink, TokensPerSecond);
        _connection.SayHello(
            new DisplayHello { Transports = _supported, FormatCount = (uint)formats.Length }, MemoryMarshal.AsBytes(formats));
    }

    /// <summary>The other side is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>Tells the source about an output; the newest value per scanout is sent as soon as possible.</summary>
    /// <exception cref="ArgumentException"><see cref="DisplayValidation"/> refuses the value.</exception>
    public void SetOutput(in OutputInfo info)
    {
        if (DisplayValidation.Check(in info) is { } error)
        {
            throw new ArgumentException(error.ToString());
        }

        _outbox.Put(in info);
        Flush();
    }

    /// <summary>
    /// Gives a frame's buffer back to the source. Once per frame; of no effect for a frame whose configuration
    /// has been replaced since.
    /// </summary>
    public void CompleteFrame(in Frame frame)
    {
        FramesInFlight scanout = _scanouts[frame.Scanout];
        if (scanout.IsSet && scanout.Generation == frame.Generation
            && scanout.IsBusy(frame.Buffer, frame.Sequence))
        {
            _outbox.Put(new FrameDone
            {
                Scanout = frame.Scanout,
                Generation = frame.Generation,
                Buffer = frame.Buffer,
                Sequence = frame.Sequence,
            });
            // Free from our point of view; the source cannot know before the message arrives.
            scanout.End(frame.Buffer);
            Flush();
        }
    }

    public void Dispose()
    {
        EndFenceWait();
        _connection.Dispose();
    }

    int IWireReceiver.CostOf(uint type, int size) => (DisplayMessageType)type switch
    {
        DisplayMessageType.ScanoutSet or DisplayMessageType.ScanoutSetDmaBuf or DisplayMessageType.BufferSet => ScanoutSetCost,
        DisplayMessageType.CursorImage => CursorImageCost,
        _ => 1,
    };

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello)
    {
        WireError? error = WireBody.Read(DisplayValidation.Wire, "hello", hello, out DisplayHello source)
            ?? DisplayValidation.CheckRange(source.FormatCount, 0, 0, "hello", "format count")
            ?? DisplayValidation.CheckTransports(source.Transports, _supported);
        if (error is null)
        {
            _handler.OnReady(source.Transports & _supported);
            Flush();
        }

        return error;
    }

    WireError? IWireReceiver.Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        const string Any = "message";
        var kind = (DisplayMessageType)type;
        int expected = kind switch
        {
            DisplayMessageType.ScanoutSet or DisplayMessageType.CursorImage => 1,
            // As many as planes, and a fence or none: looked at with the message.
            DisplayMessageType.BufferSet or DisplayMessageType.Frame => descriptors.Count,
            _ => 0,
        };
        WireError? error = WireBody.CheckDescriptors(DisplayValidation.Wire, Any, descriptors, expected);
        if (error is not null)
        {
            return error;
        }

        return kind switch
        {
            DisplayMessageType.ScanoutSet => ReceiveScanoutSet(body, descriptors),
            DisplayMessageType.ScanoutDisable => ReceiveScanoutDisable(body),
            DisplayMessageType.ScanoutSetDmaBuf => ReceiveDmaBufScanoutSet(body),
            DisplayMessageType.BufferSet => ReceiveBufferSet(body, descriptors),
            DisplayMessageType.BufferForget => ReceiveBufferForget(body),
            DisplayMessageType.Frame => ReceiveFrame(body, descriptors),
            DisplayMessageType.CursorImage => ReceiveCursorImage(body, descriptors),
            DisplayMessageType.CursorMove => ReceiveCursorMove(body),
            DisplayMessageType.CursorHide => ReceiveCursorHide(body),
            _ => DisplayValidation.Error(Any, "type", $"0x{type:x} is not one that a source sends"),
        };
    }

    void IWireReceiver.Writable() => Flush();

    void IWireReceiver.Closed(WireError? error)
    {
        EndFenceWait();
        _handler.OnClosed(error);
    }

    private WireError? ReceiveScanoutSet(ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        const string Message = "scanout set";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out ScanoutConfiguration configuration)
            ?? DisplayValidation.Check(in configuration)
            ?? FrameMemory.Check(descriptors[0], DisplayValidation.NeededMemory(in configuration), Message);
        if (error is not null)
        {
            return error;
        }

        FramesInFlight scanout = _scanouts[configuration.Scanout];
        if (!scanout.IsNewGeneration(configuration.Generation))
        {
            return DisplayValidation.Error(Message, "generation", $"{configuration.Generation} is that of the configuration before");
        }

        scanout.Set(in configuration);
        _handler.OnScanoutSet(in configuration, Take(descriptors));
        return null;
    }

    private WireError? ReceiveScanoutDisable(ReadOnlySpan<byte> body)
    {
        const string Message = "scanout disable";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out ScanoutReference reference)
            ?? DisplayValidation.Check(in reference, Message);
        if (error is null)
        {
            _scanouts[reference.Scanout].Disable();
            _handler.OnScanoutDisabled(reference.Scanout);
        }

        return error;
    }

    private WireError? ReceiveFrame(ReadOnlySpan<byte> body, List<Descriptor> fences)
    {
        const string Message = "frame";
        WireError? error = WireBody.ReadWithTrailer(
            DisplayValidation.Wire, Message, body, out Frame frame, out ReadOnlySpan<DamageRectangle> damage);
        FramesInFlight? scanout = frame.Scanout < DisplayProtocol.MaxScanouts ? _scanouts[frame.Scanout] : null;
        error ??= FrameValidation.Check(in frame, damage, scanout)
            ?? (fences.Count > (scanout!.IsDmaBuf ? 1 : 0)
                ? DisplayValidation.Error(Message, "descriptors", $"{fences.Count} came with a frame")
                : null);
        bool isComplete = true;
        if (error is null && fences.Count == 1 && !SyncFile.TryGetState(fences[0], out isComplete))
        {
            error = DisplayValidation.Error(Message, "fence", "the descriptor is not a sync file");
        }

        if (error is not null)
        {
            return error;
        }

        scanout!.Begin(frame.Buffer, frame.Sequence);
        if (isComplete)
        {
            _handler.OnFrame(in frame, damage);
        }
        else
        {
            HoldUntilComplete(in frame, damage, Take(fences));
        }

        return null;
    }

    private WireError? ReceiveCursorImage(ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        const string Message = "cursor image";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out CursorImage image)
            ?? DisplayValidation.Check(in image)
            ?? FrameMemory.Check(descriptors[0], (ulong)image.Stride * image.Height, Message);
        if (error is null)
        {
            _handler.OnCursorImage(in image, Take(descriptors));
        }

        return error;
    }

    private WireError? ReceiveCursorMove(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.Read(DisplayValidation.Wire, "cursor move", body, out CursorPosition position)
            ?? DisplayValidation.Check(in position);
        if (error is null)
        {
            _handler.OnCursorMoved(in position);
        }

        return error;
    }

    private WireError? ReceiveCursorHide(ReadOnlySpan<byte> body)
    {
        const string Message = "cursor hide";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out ScanoutReference reference)
            ?? DisplayValidation.Check(in reference, Message);
        if (error is null)
        {
            _handler.OnCursorHidden(reference.Scanout);
        }

        return error;
    }

    private static Descriptor Take(List<Descriptor> descriptors)
    {
        Descriptor taken = descriptors[0];
        descriptors.Clear();
        return taken;
    }

    private void Flush() => _outbox.Flush(_connection);
}
