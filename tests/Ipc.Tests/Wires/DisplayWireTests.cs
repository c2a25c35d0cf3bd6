using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Both ends of the display wire over a real socket pair.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DisplayWireTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly RecordingSource _sourceSide = new();
    private readonly RecordingSink _sinkSide = new();
    private readonly DisplayWireSource _source;
    private readonly DisplayWireSink _sink;
    private readonly MemFd _memory = MemFd.Create("wire-test", 1 << 20, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);

    public DisplayWireTests()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        _source = new DisplayWireSource(_loop, first, _sourceSide);
        _sink = new DisplayWireSink(_loop, second, _sinkSide);
    }

    private static ScanoutConfiguration Scanout0 => new()
    {
        Scanout = 0,
        Generation = 1,
        Width = 64,
        Height = 32,
        Format = DrmFourcc.DRM_FORMAT_XRGB8888,
        Stride = 256,
        BufferCount = 2,
        Flags = ScanoutFlags.Y0Top,
        BufferOffset = 4096,
        BufferSize = 8192,
    };

    [Fact]
    public void Start_BothEnds_BecomeReady()
    {
        _loop.Drain();

        Assert.True(_sourceSide.IsReady);
        Assert.Equal(["ready MemFd"], _sinkSide.Log);
    }

    [Fact]
    public void Source_BeforeTheHello_WouldBlock() =>
        Assert.Equal(SocketStatus.WouldBlock, _source.SetScanout(Scanout0, _memory));

    [Fact]
    public void Source_EveryMessage_Arrives()
    {
        _loop.Drain();
        _sinkSide.Log.Clear();

        Assert.Equal(SocketStatus.Done, _source.SetScanout(Scanout0, _memory));
        Assert.Equal(SocketStatus.Done, _source.SendFrame(
            new Frame { Generation = 1, Buffer = 1, Sequence = 77 },
            [new() { Width = 64, Height = 32 }, new() { X = 63, Y = 31, Width = 1, Height = 1 }]));
        var image = new CursorImage
        {
            Scanout = 0,
            HotX = 3,
            HotY = 4,
            Width = 16,
            Height = 24,
            Format = DrmFourcc.DRM_FORMAT_ARGB8888,
            Stride = 64,
        };
        Assert.Equal(SocketStatus.Done, _source.SendCursorImage(in image, _memory));
        Assert.Equal(SocketStatus.Done, _source.MoveCursor(new CursorPosition { X = -5, Y = 17 }));
        Assert.Equal(SocketStatus.Done, _source.HideCursor(0));
        Assert.Equal(SocketStatus.Done, _source.DisableScanout(0));
        _loop.Drain();

        Assert.Equal(
            [
                "set 0 gen 1 64x32 DRM_FORMAT_XRGB8888 stride 256 buffers 2 at 4096 of 8192 Y0Top",
                "frame 0 gen 1 buffer 1 sequence 77 64x32+0+0 1x1+63+31",
                "cursor 0 16x24 hot 3,4 DRM_FORMAT_ARGB8888 stride 64",
                "move 0 -5,17",
                "hide 0",
                "disable 0",
            ],
            _sinkSide.Log);
        Assert.Equal(1 << 20, _sinkSide.LastMemorySize);
    }

    [Fact]
    public void Sink_OutputsSetBeforeTheHello_ArriveNewestOnly()
    {
        _sink.SetOutput(Output(0, 640, 480));
        _sink.SetOutput(Output(1, 800, 600));
        _sink.SetOutput(Output(0, 1024, 768));
        _loop.Drain();

        Assert.Equal([(0u, 1024u), (1u, 800u)], _sourceSide.Outputs.Select(output => (output.Scanout, output.Width)));
    }

    [Fact]
    public void CompleteFrame_FreesTheBufferAtTheSource()
    {
        _loop.Drain();
        _ = _source.SetScanout(Scanout0, _memory);
        Assert.True(_source.IsBufferFree(0, 0));
        _ = _source.SendFrame(new Frame { Generation = 1, Sequence = 5 }, [new() { Width = 1, Height = 1 }]);
        Assert.False(_source.IsBufferFree(0, 0));
        _loop.Drain();

        _sink.CompleteFrame(_sinkSide.Frames[0]);
        _loop.Drain();

        Assert.Equal(5u, Assert.Single(_sourceSide.Done).Sequence);
        Assert.True(_source.IsBufferFree(0, 0));
    }

    [Fact]
    public void CompleteFrame_Twice_AnswersOnce()
    {
        _loop.Drain();
        _ = _source.SetScanout(Scanout0, _memory);
        _ = _source.SendFrame(new Frame { Generation = 1, Sequence = 5 }, [new() { Width = 1, Height = 1 }]);
        _loop.Drain();

        _sink.CompleteFrame(_sinkSide.Frames[0]);
        _sink.CompleteFrame(_sinkSide.Frames[0]);
        _loop.Drain();

        Assert.Single(_sourceSide.Done);
        Assert.False(_sourceSide.IsClosed);
    }

    [Fact]
    public void FrameDone_OfAnEarlierGeneration_IsDropped()
    {
        _loop.Drain();
        _ = _source.SetScanout(Scanout0, _memory);
        _ = _source.SendFrame(new Frame { Generation = 1, Sequence = 5 }, [new() { Width = 1, Height = 1 }]);
        _loop.Drain();
        ScanoutConfiguration next = Scanout0;
        next.Generation = 2;

        // The answer and the new configuration cross each other.
        _sink.CompleteFrame(_sinkSide.Frames[0]);
        _ = _source.SetScanout(in next, _memory);
        _loop.Drain();

        Assert.Empty(_sourceSide.Done);
        Assert.False(_sourceSide.IsClosed);
        Assert.True(_source.IsBufferFree(0, 0));
    }

    [Fact]
    public void SendFrame_OfABusyBuffer_Throws()
    {
        _loop.Drain();
        _ = _source.SetScanout(Scanout0, _memory);
        _ = _source.SendFrame(new Frame { Generation = 1 }, [new() { Width = 1, Height = 1 }]);

        var thrown = Assert.Throws<ArgumentException>(
            () => _source.SendFrame(new Frame { Generation = 1 }, [new() { Width = 1, Height = 1 }]));

        Assert.Equal("display wire: frame.buffer: 0 still awaits its frame done", thrown.Message);
    }

    [Fact]
    public void SetScanout_OfTheSameGeneration_Throws()
    {
        _loop.Drain();
        _ = _source.SetScanout(Scanout0, _memory);

        Assert.Throws<ArgumentException>(() => _source.SetScanout(Scanout0, _memory));
    }

    [Fact]
    public void Dispose_OfOneEnd_ClosesTheOtherWithoutViolation()
    {
        _loop.Drain();

        _source.Dispose();
        _loop.Drain();

        Assert.True(_sinkSide.IsClosed);
        Assert.Null(_sinkSide.Violation);
        Assert.True(_sink.IsClosed);
        Assert.Equal(SocketStatus.Closed, _source.HideCursor(0));
    }

    [Fact]
    public void Messages_BeforeTheEnd_AreStillDelivered()
    {
        _loop.Drain();
        _ = _source.MoveCursor(new CursorPosition { X = 1 });
        _source.Dispose();
        _loop.Drain();

        Assert.Equal("move 0 1,0", _sinkSide.Log[^1]);
        Assert.True(_sinkSide.IsClosed);
    }

    [Fact]
    public void Send_IntoAFullSocket_WouldBlockAndThenWritable()
    {
        _loop.Drain();
        int sent = 0;
        while (_source.MoveCursor(new CursorPosition { X = sent % 100 }) == SocketStatus.Done)
        {
            sent++;
        }

        Assert.InRange(sent, 1, 100_000);
        Assert.Equal(0, _sourceSide.WritableCalls);
        Assert.True(_loop.RunUntil(() => _sourceSide.WritableCalls == 1));
        Assert.Equal(SocketStatus.Done, _source.MoveCursor(new CursorPosition { X = 1234 }));
        Assert.True(_loop.RunUntil(() => _sinkSide.Log[^1] == "move 0 1234,0"));
        Assert.Equal(sent + 2, _sinkSide.Log.Count);
    }

    [Fact]
    public void Sources_WithoutACommonTransport_AreRefused()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        var sinkSide = new RecordingSink();
        using var source = new DisplayWireSource(_loop, first, new RecordingSource(), DisplayTransports.DmaBuf);
        using var sink = new DisplayWireSink(_loop, second, sinkSide);

        _loop.Drain();

        Assert.Equal("display wire: hello.transports: the peer has DmaBuf, this side MemFd", sinkSide.Violation?.ToString());
    }

    public void Dispose()
    {
        _source.Dispose();
        _sink.Dispose();
        _memory.Dispose();
        _loop.Dispose();
    }

    private static OutputInfo Output(uint scanout, uint width, uint height) => new()
    {
        Scanout = scanout,
        Enabled = 1,
        Width = width,
        Height = height,
        RefreshMillihertz = 60_000,
        Scale120 = 120,
    };
}
