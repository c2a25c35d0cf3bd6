using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>
/// The end of the display wire that has pictures: gpu-process. Sends never block and queue nothing: after
/// <see cref="SocketStatus.WouldBlock"/> the caller keeps the newest state (united damage, last cursor) and
/// sends it from <see cref="IDisplayWireSourceHandler.OnWritable"/>. Before the hello of the other side every
/// send is <see cref="SocketStatus.WouldBlock"/>; <see cref="IDisplayWireSourceHandler.OnReady"/> is then the
/// moment to send the current state. Values that <see cref="DisplayValidation"/> refuses are a caller's mistake
/// and throw <see cref="ArgumentException"/>: check what a guest chose beforehand.
/// </summary>
public sealed class DisplayWireSource : IDisposable, IWireReceiver
{
    // Output infos and frame done messages: 16 scanouts at 240 Hz fit.
    private const int TokensPerSecond = 8000;

    private readonly WireConnection _connection;
    private readonly IDisplayWireSourceHandler _handler;
    private readonly DisplayTransports _supported;
    private readonly FramesInFlight[] _scanouts = FramesInFlight.ForAllScanouts();
    private HashSet<PictureFormat> _formats = [];

    /// <summary>Starts to listen on <paramref name="loop"/> and says hello.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public DisplayWireSource(
        EventLoop loop, UnixSocket socket, IDisplayWireSourceHandler handler, DisplayTransports supported = DisplayTransports.MemFd)
    {
        _handler = handler;
        _supported = supported;
        _connection = new WireConnection(loop, socket, this, DisplayValidation.Source, TokensPerSecond);
        _connection.SayHello(new DisplayHello { Transports = supported });
    }

    /// <summary>The other side is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>Whether a buffer of the scanout's current configuration may be written and sent.</summary>
    public bool IsBufferFree(uint scanout, uint buffer) => _scanouts[scanout].IsSet && !_scanouts[scanout].IsBusy(buffer);

    /// <summary>Replaces what a scanout has; its generation differs from the last one. Show it with <see cref="SendFrame"/>.</summary>
    /// <param name="memory">A memfd sealed with F_SEAL_SHRINK; stays the caller's.</param>
    public SocketStatus SetScanout(in ScanoutConfiguration configuration, Descriptor memory)
    {
        Require(DisplayValidation.Check(in configuration));
        FramesInFlight scanout = _scanouts[configuration.Scanout];
        if (!scanout.IsNewGeneration(configuration.Generation))
        {
            throw new ArgumentException($"generation {configuration.Generation} is that of the configuration before");
        }

        SocketStatus status = Send(DisplayMessageType.ScanoutSet, in configuration, memory);
        if (status == SocketStatus.Done)
        {
            scanout.Set(in configuration);
        }

        return status;
    }

    public SocketStatus DisableScanout(uint scanout)
    {
        Require(DisplayValidation.CheckScanout(scanout, "scanout disable"));
        SocketStatus status = Send(DisplayMessageType.ScanoutDisable, new ScanoutReference { Scanout = scanout });
        if (status == SocketStatus.Done)
        {
            _scanouts[scanout].Disable();
        }

        return status;
    }

    /// <summary>Whether the sink shows dma-bufs of this kind.</summary>
    public bool CanShow(DrmFourcc format, ulong modifier) => _formats.Contains(new PictureFormat(format, modifier));

    /// <summary>Replaces what a scanout has by dma-bufs, which follow; its generation differs from the last one.</summary>
    /// <exception cref="ArgumentException">The sink shows none of that format (<see cref="CanShow"/>).</exception>
    public SocketStatus SetScanout(in DmaBufConfiguration configuration)
    {
        Require(DmaBufValidation.Check(in configuration));
        FramesInFlight scanout = _scanouts[configuration.Scanout];
        if (!scanout.IsNewGeneration(configuration.Generation) || !CanShow(configuration.Format, configuration.Modifier))
        {
            throw new ArgumentException($"generation {configuration.Generation} is not new, or the sink does not show {configuration.Format}");
        }

        SocketStatus status = Send(DisplayMessageType.ScanoutSetDmaBuf, in configuration);
        if (status == SocketStatus.Done)
        {
            scanout.Set(in configuration);
        }

        return status;
    }

    /// <summary>Gives a buffer to a scanout of dma-bufs, in the place of one that awaits no answer.</summary>
    /// <param name="planes">A dma-buf for each plane of the configuration; they stay the caller's.</param>
    public SocketStatus SetBuffer(in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes)
    {
        Require(DisplayValidation.CheckScanout(buffer.Scanout, "buffer set"));
        FramesInFlight scanout = _scanouts[buffer.Scanout];
        DmaBufConfiguration configuration = scanout.DmaBufs;
        Require(DmaBufValidation.Check(in buffer, in configuration));
        if (!scanout.IsSet || !scanout.IsDmaBuf || buffer.Generation != scanout.Generation || scanout.IsBusy(buffer.Buffer)
            || planes.Length != configuration.PlaneCount)
        {
            throw new ArgumentException($"buffer {buffer.Buffer} of generation {buffer.Generation} with {planes.Length} planes has no place");
        }

        SocketStatus status = _connection.Send((uint)DisplayMessageType.BufferSet, in buffer, default, planes);
        if (status == SocketStatus.Done)
        {
            scanout.SetPresent(buffer.Buffer, true);
        }

        return status;
    }

    /// <summary>Takes a buffer back: the sink lets go of it, at the latest when it shows another one.</summary>
    public SocketStatus ForgetBuffer(uint scanout, uint buffer)
    {
        FramesInFlight target = _scanouts[scanout];
        var reference = new BufferReference { Scanout = scanout, Generation = target.Generation, Buffer = buffer };
        Require(DmaBufValidation.Check(in reference, "buffer forget"));
        SocketStatus status = Send(DisplayMessageType.BufferForget, in reference);
        if (status == SocketStatus.Done)
        {
            target.SetPresent(buffer, false);
            target.End(buffer);
        }

        return status;
    }

    /// <summary>Shows a buffer. DamageCount is filled in here.</summary>
    /// <param name="damage">1 to <see cref="DisplayProtocol.MaxDamageRectangles"/>.</param>
    /// <param name="fence">For a dma-buf: a sync file that the sink waits for; null: it is complete. Stays the caller's.</param>
    public SocketStatus SendFrame(Frame frame, ReadOnlySpan<DamageRectangle> damage, Descriptor? fence = null)
    {
        frame.DamageCount = (uint)damage.Length;
        FramesInFlight? scanout = frame.Scanout < DisplayProtocol.MaxScanouts ? _scanouts[frame.Scanout] : null;
        Require(FrameValidation.Check(in frame, damage, scanout));
        SocketStatus status = _connection.Send(
            (uint)DisplayMessageType.Frame, in frame, MemoryMarshal.AsBytes(damage),
            fence is null ? default : new ReadOnlySpan<Descriptor>(in fence));
        if (status == SocketStatus.Done)
        {
            scanout!.Begin(frame.Buffer, frame.Sequence);
        }

        return status;
    }

    /// <param name="memory">A memfd sealed with F_SEAL_SHRINK; stays the caller's.</param>
    public SocketStatus SendCursorImage(in CursorImage image, Descriptor memory)
    {
        Require(DisplayValidation.Check(in image));
        return Send(DisplayMessageType.CursorImage, in image, memory);
    }

    public SocketStatus MoveCursor(in CursorPosition position)
    {
        Require(DisplayValidation.Check(in position));
        return Send(DisplayMessageType.CursorMove, in position);
    }

    public SocketStatus HideCursor(uint scanout)
    {
        Require(DisplayValidation.CheckScanout(scanout, "cursor hide"));
        return Send(DisplayMessageType.CursorHide, new ScanoutReference { Scanout = scanout });
    }

    public void Dispose() => _connection.Dispose();

    int IWireReceiver.CostOf(uint type, int size) => 1;

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello)
    {
        const string Message = "hello";
        WireError? error = WireBody.ReadWithTrailer(DisplayValidation.Wire, Message, hello, out DisplayHello sink, out ReadOnlySpan<PictureFormat> formats)
            ?? DisplayValidation.CheckRange(sink.FormatCount, 0, DisplayProtocol.MaxFormats, Message, "format count");
        if (error is null && sink.FormatCount != formats.Length)
        {
            error = DisplayValidation.Error(Message, "format count", $"{sink.FormatCount}, with {formats.Length} formats");
        }

        for (int i = 0; i < formats.Length && error is null; i++)
        {
            error = DmaBufValidation.Check(in formats[i]);
        }

        error ??= DisplayValidation.CheckTransports(sink.Transports, _supported);
        if (error is null)
        {
            DisplayTransports common = sink.Transports & _supported;
            _formats = common.HasFlag(DisplayTransports.DmaBuf) ? [.. formats] : [];
            _handler.OnReady(common);
        }

        return error;
    }

    WireError? IWireReceiver.Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        const string Any = "message";
        WireError? error = WireBody.CheckDescriptors(DisplayValidation.Wire, Any, descriptors, 0);
        if (error is not null)
        {
            return error;
        }

        return (DisplayMessageType)type switch
        {
            DisplayMessageType.OutputInfo => ReceiveOutputInfo(body),
            DisplayMessageType.FrameDone => ReceiveFrameDone(body),
            DisplayMessageType.BufferRefused => ReceiveBufferRefused(body),
            _ => DisplayValidation.Error(Any, "type", $"0x{type:x} is not one that a sink sends"),
        };
    }

    void IWireReceiver.Writable() => _handler.OnWritable();

    void IWireReceiver.Closed(WireError? error) => _handler.OnClosed(error);

    private WireError? ReceiveOutputInfo(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.Read(DisplayValidation.Wire, "output info", body, out OutputInfo info)
            ?? DisplayValidation.Check(in info);
        if (error is null)
        {
            _handler.OnOutputInfo(in info);
        }

        return error;
    }

    private WireError? ReceiveFrameDone(ReadOnlySpan<byte> body)
    {
        const string Message = "frame done";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out FrameDone done)
            ?? DisplayValidation.CheckScanout(done.Scanout, Message)
            ?? DisplayValidation.CheckReserved(done.Reserved, Message);
        if (error is not null)
        {
            return error;
        }

        FramesInFlight scanout = _scanouts[done.Scanout];
        if (!scanout.IsSet || scanout.Generation != done.Generation)
        {
            // It crossed our newer configuration on the way.
            return null;
        }

        if (!scanout.IsPresent(done.Buffer) || !scanout.IsBusy(done.Buffer, done.Sequence))
        {
            return DisplayValidation.Error(Message, "buffer", $"{done.Buffer} with sequence {done.Sequence} awaits no answer");
        }

        scanout.End(done.Buffer);
        _handler.OnFrameDone(in done);
        return null;
    }

    private WireError? ReceiveBufferRefused(ReadOnlySpan<byte> body)
    {
        const string Message = "buffer refused";
        WireError? error = WireBody.Read(DisplayValidation.Wire, Message, body, out BufferReference refused)
            ?? DmaBufValidation.Check(in refused, Message);
        // One of an earlier generation crossed our newer configuration on the way.
        if (error is null && _scanouts[refused.Scanout] is { IsSet: true, IsDmaBuf: true } scanout && scanout.Generation == refused.Generation)
        {
            _handler.OnBufferRefused(refused.Scanout);
        }

        return error;
    }

    private SocketStatus Send<TBody>(DisplayMessageType type, in TBody body)
        where TBody : unmanaged => _connection.Send((uint)type, in body);

    private SocketStatus Send<TBody>(DisplayMessageType type, in TBody body, Descriptor memory)
        where TBody : unmanaged => _connection.Send((uint)type, in body, default, new ReadOnlySpan<Descriptor>(in memory));

    private static void Require(WireError? error)
    {
        if (error is not null)
        {
            throw new ArgumentException(error.ToString());
        }
    }
}
