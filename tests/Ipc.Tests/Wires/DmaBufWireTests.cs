using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Scanouts of dma-bufs over the display wire. Memfds stand for dma-bufs, of which this machine may have none.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DmaBufWireTests : IDisposable
{
    private const ulong Tiled = 0x0100_0000_0000_0001;

    private static readonly PictureFormat[] s_formats =
    [
        new(DrmFourcc.DRM_FORMAT_XRGB8888, DrmModifiers.DRM_FORMAT_MOD_LINEAR), new(DrmFourcc.DRM_FORMAT_XBGR8888, Tiled),
    ];

    private readonly EventLoop _loop = new();
    private readonly RecordingSink _sinkSide = new();
    private readonly RecordingSource _sourceSide = new();
    private readonly DisplayWireSink _sink;
    private readonly DisplayWireSource _source;
    private readonly MemFd _memory = MemFd.Create("dma-buf", 1 << 16, Seals.F_SEAL_SHRINK);

    public DmaBufWireTests()
    {
        const DisplayTransports Both = DisplayTransports.MemFd | DisplayTransports.DmaBuf;
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        _source = new DisplayWireSource(_loop, first, _sourceSide, Both | DisplayTransports.Mapped);
        _sink = new DisplayWireSink(_loop, second, _sinkSide, Both, s_formats)
        {
            DmaBufSize = file => MemFd.TryGetSize(file, out long size) ? (ulong)size : null,
        };
        _loop.Drain();
    }

    private static DmaBufConfiguration Linear => new()
    {
        Generation = 1,
        Width = 64,
        Height = 32,
        Format = DrmFourcc.DRM_FORMAT_XRGB8888,
        Flags = ScanoutFlags.Y0Top,
        PlaneCount = 1,
    };

    [Fact]
    public void Formats_OfTheSink_AreKnownToTheSource()
    {
        Assert.Equal("ready MemFd, DmaBuf", _sinkSide.Log[0]);
        Assert.True(_source.CanShow(DrmFourcc.DRM_FORMAT_XRGB8888, DrmModifiers.DRM_FORMAT_MOD_LINEAR));
        Assert.True(_source.CanShow(DrmFourcc.DRM_FORMAT_XBGR8888, Tiled));
        Assert.False(_source.CanShow(DrmFourcc.DRM_FORMAT_XRGB8888, Tiled));
        Assert.Throws<ArgumentException>(() => _source.SetScanout(Linear with { Modifier = Tiled }));
    }

    [Fact]
    public void Buffers_AreFlippedBetween_WithoutBeingSentAgain()
    {
        Assert.Equal(SocketStatus.Done, _source.SetScanout(Linear));
        Put(0);
        Put(1);
        for (uint i = 0; i < 4; i++)
        {
            Assert.Equal(SocketStatus.Done, _source.SendFrame(Frame(i % 2, i), [Whole]));
            _loop.Drain();
            Assert.False(_source.IsBufferFree(0, i % 2));
            _sink.CompleteFrame(_sinkSide.Frames[^1]);
            _loop.Drain();
            Assert.True(_source.IsBufferFree(0, i % 2));
        }

        Assert.Equal(
            [
                "dma-bufs 0 gen 1 64x32 DRM_FORMAT_XRGB8888 0x0 planes 1 Y0Top",
                "buffer 0 gen 1 0 at 256 stride 256 of 1", "buffer 0 gen 1 1 at 256 stride 256 of 1",
                "frame 0 gen 1 buffer 0 sequence 0 64x32+0+0", "frame 0 gen 1 buffer 1 sequence 1 64x32+0+0",
                "frame 0 gen 1 buffer 0 sequence 2 64x32+0+0", "frame 0 gen 1 buffer 1 sequence 3 64x32+0+0",
            ],
            _sinkSide.Log.Skip(1));
        Assert.Equal(4, _sourceSide.Done.Count);
    }

    [Fact]
    public void Planes_OfATiledPicture_ArriveEachWithItsDescriptor()
    {
        DmaBufConfiguration tiled = Linear;
        tiled.Format = DrmFourcc.DRM_FORMAT_XBGR8888;
        tiled.Modifier = Tiled;
        tiled.PlaneCount = 3;
        var buffer = new DmaBufBuffer { Generation = 1 };
        for (int i = 0; i < 3; i++)
        {
            buffer.Planes[i] = new DmaBufPlane { Offset = (uint)i * 4096, Stride = 64 };
        }

        Assert.Equal(SocketStatus.Done, _source.SetScanout(tiled));
        Assert.Equal(SocketStatus.Done, _source.SetBuffer(buffer, [_memory, _memory, _memory]));
        _loop.Drain();

        Assert.Equal("buffer 0 gen 1 0 at 0 stride 64 of 3", _sinkSide.Log[^1]);
    }

    [Fact]
    public void Buffer_ThatTheSinkCannotShow_IsRefusedToTheSource_AndMemFdsGoOn()
    {
        _sinkSide.AcceptsBuffers = false;
        Assert.Equal(SocketStatus.Done, _source.SetScanout(Linear));
        Put(0);
        _loop.Drain();

        Assert.Equal([0u], _sourceSide.Refused);
        Assert.Equal(SocketStatus.Done, _source.SetScanout(
            new ScanoutConfiguration
            {
                Generation = 2,
                Width = 64,
                Height = 32,
                Format = DrmFourcc.DRM_FORMAT_XRGB8888,
                Stride = 256,
                BufferCount = 1,
                BufferSize = 8192,
            },
            _memory));
        Assert.Equal(SocketStatus.Done, _source.SendFrame(Frame(0, 7) with { Generation = 2 }, [Whole]));
        _loop.Drain();
        Assert.Equal("frame 0 gen 2 buffer 0 sequence 7 64x32+0+0", _sinkSide.Log[^1]);
    }

    [Fact]
    public void Buffer_ForgottenAndSetAgain_CanBeShown()
    {
        Assert.Equal(SocketStatus.Done, _source.SetScanout(Linear));
        Put(2);
        Assert.Equal(SocketStatus.Done, _source.SendFrame(Frame(2, 1), [Whole]));
        Assert.Equal(SocketStatus.Done, _source.ForgetBuffer(0, 2));
        Put(2);
        Assert.Equal(SocketStatus.Done, _source.SendFrame(Frame(2, 2), [Whole]));
        _loop.Drain();

        Assert.False(_sinkSide.IsClosed);
        Assert.Equal(
            ["forget 0 2", "buffer 0 gen 1 2 at 256 stride 256 of 1", "frame 0 gen 1 buffer 2 sequence 2 64x32+0+0"],
            _sinkSide.Log.TakeLast(3));
    }

    public void Dispose()
    {
        _source.Dispose();
        _sink.Dispose();
        _memory.Dispose();
        _loop.Dispose();
    }

    private static DamageRectangle Whole => new() { Width = 64, Height = 32 };

    private static Frame Frame(uint buffer, ulong sequence) => new() { Generation = 1, Buffer = buffer, Sequence = sequence };

    private void Put(uint slot)
    {
        var buffer = new DmaBufBuffer { Generation = 1, Buffer = slot };
        buffer.Planes[0] = new DmaBufPlane { Offset = 256, Stride = 256 };
        Assert.Equal(SocketStatus.Done, _source.SetBuffer(buffer, [_memory]));
    }
}
