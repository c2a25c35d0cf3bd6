using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A frame, its answer, a cursor move and an input report travel without a byte of garbage.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class WireAllocationTests
{
    [Fact]
    public void FrameRoundTrip_AllocatesNothing()
    {
        using EventLoop loop = new();
        using MemFd memory = MemFd.Create("alloc", 1 << 16, Seals.F_SEAL_SHRINK);
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using var source = new DisplayWireSource(loop, first, new QuietSource());
        var display = new QuietSink();
        using var sink = new DisplayWireSink(loop, second, display);
        display.Wire = sink;
        loop.Drain();
        _ = source.SetScanout(
            new ScanoutConfiguration
            {
                Generation = 1,
                Width = 64,
                Height = 64,
                Format = DrmFourcc.DRM_FORMAT_XRGB8888,
                Stride = 256,
                BufferCount = 1,
                BufferSize = 16384,
            },
            memory);
        DamageRectangle[] damage = [new() { Width = 64, Height = 64 }, new() { Width = 1, Height = 1 }];
        RoundTrips(loop, source, damage, 200);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RoundTrips(loop, source, damage, 1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(1200, display.Frames);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void InputReport_AllocatesNothing()
    {
        using EventLoop loop = new();
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using var source = new InputWireSource(loop, first, new RecordingInputSource());
        var guest = new QuietGuest();
        using var sink = new InputWireSink(loop, second, guest);
        loop.Drain();
        InputEvent[] report = [new(EventCodes.EV_ABS, 0, 5), new(EventCodes.EV_ABS, 1, 6), new(0, 0, 0)];
        Reports(loop, source, report, 200);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Reports(loop, source, report, 1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(1200, guest.Reports);
        Assert.Equal(0, allocated);
    }

    private static void RoundTrips(EventLoop loop, DisplayWireSource source, DamageRectangle[] damage, int count)
    {
        for (int i = 0; i < count; i++)
        {
            // Assert.Equal would allocate; what got lost shows in the count of frames.
            _ = source.SendFrame(new Frame { Generation = 1, Sequence = (ulong)i }, damage);
            _ = source.MoveCursor(new CursorPosition { X = i });
            loop.Drain();
        }
    }

    private static void Reports(EventLoop loop, InputWireSource source, InputEvent[] report, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ = source.SendEvents(InputDeviceKind.Tablet, report);
            loop.Drain();
        }
    }

    private sealed class QuietSource : IDisplayWireSourceHandler
    {
        public void OnReady(DisplayTransports transports)
        {
        }

        public void OnOutputInfo(in OutputInfo info)
        {
        }

        public void OnFrameDone(in FrameDone done)
        {
        }

        public void OnWritable()
        {
        }

        public void OnClosed(WireError? violation) => Assert.Fail($"closed: {violation}");
    }

    private sealed class QuietSink : IDisplayWireSinkHandler
    {
        public DisplayWireSink? Wire { get; set; }

        public int Frames { get; private set; }

        public void OnReady(DisplayTransports transports)
        {
        }

        public void OnScanoutSet(in ScanoutConfiguration configuration, Descriptor memory) => memory.Dispose();

        public void OnScanoutDisabled(uint scanout)
        {
        }

        public void OnFrame(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
        {
            Frames++;
            Wire!.CompleteFrame(in frame);
        }

        public void OnCursorImage(in CursorImage image, Descriptor memory) => memory.Dispose();

        public void OnCursorMoved(in CursorPosition position)
        {
        }

        public void OnCursorHidden(uint scanout)
        {
        }

        public void OnClosed(WireError? violation) => Assert.Fail($"closed: {violation}");
    }

    private sealed class QuietGuest : IInputWireSinkHandler
    {
        public int Reports { get; private set; }

        public void OnEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events) => Reports++;

        public void OnClosed(WireError? violation) => Assert.Fail($"closed: {violation}");
    }
}
