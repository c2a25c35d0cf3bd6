using SplitVmm.DisplayProcess.Backends;
using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Processes;

/// <summary>A frame and a cursor motion pass through the session without garbage.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class FrameAllocationTests : IBackend, IDisplayWireSourceHandler
{
    private ulong _pictures;

    public string Name => "test";

    public string Description => "";

    [Fact]
    public void Frame_ThroughTheSession_AllocatesNothing()
    {
        using EventLoop loop = new();
        using MemFd memory = MemFd.Create("frame-allocation", 1 << 20, Seals.F_SEAL_SHRINK);
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using var input = new InputReporter(loop, null, _ => { });
        using var session = new DisplaySession(loop, first, this, input, heads: 1, _ => { });
        using var source = new DisplayWireSource(loop, second, this);
        session.SetOutput(new OutputInfo { Enabled = 1, Width = 64, Height = 64, RefreshMillihertz = 1_000_000, Scale120 = 120 });
        session.Connect();
        Drain(loop);
        Assert.Equal(SocketStatus.Done, source.SetScanout(
            new ScanoutConfiguration
            {
                Generation = 1,
                Width = 64,
                Height = 64,
                Format = DrmFourcc.DRM_FORMAT_BGRX8888,
                Stride = 256,
                BufferCount = 4,
                BufferSize = 16384,
            },
            memory));
        DamageRectangle[] damage = [new() { Width = 64, Height = 3 }, new() { X = 9, Y = 9, Width = 5, Height = 5 }];
        Frames(loop, source, damage, 100);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Frames(loop, source, damage, 500);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(600ul, _pictures);
        Assert.Equal(0, allocated);
    }

    void IBackend.Start(IScreen screen)
    {
    }

    void IBackend.PictureChanged(Head head)
    {
        _pictures++;
        head.Damage.Clear();
    }

    void IBackend.CursorChanged(Head head)
    {
    }

    void IBackend.CursorMoved(Head head)
    {
    }

    bool IBackend.Raise() => false;

    void IBackend.BannerChanged(Head head)
    {
    }

    void IBackend.Run()
    {
    }

    void IBackend.Stop()
    {
    }

    void IDisposable.Dispose()
    {
    }

    void IDisplayWireSourceHandler.OnReady(DisplayTransports transports)
    {
    }

    void IDisplayWireSourceHandler.OnOutputInfo(in OutputInfo info)
    {
    }

    void IDisplayWireSourceHandler.OnFrameDone(in FrameDone done)
    {
    }

    void IDisplayWireSourceHandler.OnWritable()
    {
    }

    void IDisplayWireSourceHandler.OnClosed(WireError? violation)
    {
    }

    private static void Frames(EventLoop loop, DisplayWireSource source, DamageRectangle[] damage, int count)
    {
        for (uint i = 0; i < count; i++)
        {
            while (!source.IsBufferFree(0, i % 4))
            {
                _ = loop.RunOnce(100);
            }

            _ = source.SendFrame(new Frame { Generation = 1, Buffer = i % 4, Sequence = i }, damage);
            _ = source.MoveCursor(new CursorPosition { X = (int)i });
            _ = loop.RunOnce(100);
        }

        Drain(loop);
    }

    private static void Drain(EventLoop loop)
    {
        while (loop.RunOnce(20) > 0)
        {
        }
    }
}
