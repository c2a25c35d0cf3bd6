using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.Wires.Display;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Scanouts;

/// <summary>Scanouts whose resources are dma-bufs, as the display sees them.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DmaBufScanoutTests
{
    private const uint Width = 64;
    private const uint Height = 48;
    private const DisplayTransports Imported = DisplayTransports.MemFd | DisplayTransports.DmaBuf;

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);
    private static readonly VirtioGpuRect s_all = new(0, 0, Width, Height);

    /// <summary>One of a vendor's layouts, with compressed colours and what says how in a second plane.</summary>
    private const ulong Tiled = 0x0100_0000_0000_0004;

    private static readonly PictureFormat[] s_formats =
    [
        new(DrmFourcc.DRM_FORMAT_XRGB8888, DrmModifiers.DRM_FORMAT_MOD_LINEAR), new(DrmFourcc.DRM_FORMAT_XRGB8888, Tiled),
    ];

    [Fact]
    public void Flips_SendEachPictureOnce_AndCopyNothing()
    {
        using var machine = new Machine(new ExportingRenderer());
        for (uint i = 0; i < 6; i++)
        {
            machine.Flip(1 + (i % 2));
            Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == i + 1));
        }

        Assert.Equal(
            ["64x48", "buffer 0+0", "frame 0", "buffer 1+0", "frame 1", "frame 0", "frame 1", "frame 0", "frame 1"],
            machine.Display.DmaBufs);
        Assert.Equal((6, 6, 0), machine.Counts);
        Assert.Equal("", machine.Gpu.Device.Statistics.MemFdReason);
    }

    [Fact]
    public void Flip_UntilTheDisplayShowsIt_IsNotAnswered_NorIsWhatComesAfterIt()
    {
        using var machine = new Machine(new ExportingRenderer());
        machine.Gpu.Device.FlipPatience = s_long;
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        machine.Display.Hold = true;
        machine.Guest.Do(SetScanoutRequest(0, 2, s_all));
        Pending[] requests = [Offer(machine, FlushRequest(2, s_all)), Offer(machine, FlushRequest(2, s_all))];
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 2));

        Assert.All(requests, request => Assert.False(machine.Guest.Control.TryWait(request, TimeSpan.FromMilliseconds(20), out _)));
        machine.Display.Hold = false;
        machine.Display.CompleteAll();
        Assert.All(requests, request => Assert.True(machine.Guest.Control.TryWait(request, s_long, out _)));
    }

    [Fact]
    public void Flip_ThatTheDisplayNeverShows_IsAnsweredAllTheSame()
    {
        using var machine = new Machine(new ExportingRenderer());
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        machine.Display.Hold = true;

        machine.Flip(2);
        machine.Flip(2);
        Assert.Equal(1, machine.Gpu.Device.Statistics.FlipsNotAwaited);
    }

    [Fact]
    public void Display_ThatWasSilent_IsNotWaitedFor_UntilItHasAnswered()
    {
        using var machine = new Machine(new ExportingRenderer());
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        machine.Display.Hold = true;
        machine.Flip(2);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 2));
        Assert.Equal(1, machine.Gpu.Device.Statistics.FlipsNotAwaited);

        machine.Gpu.Device.FlipPatience = s_long;
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 3));
        Assert.Equal(2, machine.Gpu.Device.Statistics.FlipsNotAwaited);
        machine.Display.CompleteAll();
        machine.Guest.Do(SetScanoutRequest(0, 2, s_all));
        Pending flush = Offer(machine, FlushRequest(2, s_all));
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 4));
        Assert.False(machine.Guest.Control.TryWait(flush, TimeSpan.FromMilliseconds(20), out _));
        machine.Display.CompleteAll();
        Assert.True(machine.Guest.Control.TryWait(flush, s_long, out _));
        Assert.Equal(2, machine.Gpu.Device.Statistics.FlipsNotAwaited);
    }

    [Fact]
    public void Flip_OnItsWayWhenTheGuestStops_IsAnswered()
    {
        using var machine = new Machine(new ExportingRenderer());
        machine.Gpu.Device.FlipPatience = s_long;
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        machine.Display.Hold = true;
        machine.Guest.Do(SetScanoutRequest(0, 2, s_all));
        Pending flush = Offer(machine, FlushRequest(2, s_all));
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 2));
        Assert.Equal(VhostUserResult.Done, machine.Guest.FrontEnd.StopQueue(0, out _));

        Assert.True(machine.Guest.Control.TryWait(flush, s_long, out _));
    }

    [Theory]
    [InlineData(true, 4)]
    // Of 48 rows the 16 from the fifth on: 28 lie below them.
    [InlineData(false, 28)]
    public void Scanout_PartOfAPicture_BeginsAtItsFirstPixel(bool isUpright, int firstRow)
    {
        using var machine = new Machine(new ExportingRenderer { IsUpright = isUpright });
        machine.Guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(8, 4, 16, 16)));
        machine.Guest.Do(FlushRequest(1, s_all));

        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        Assert.Equal(["16x16", $"buffer 0+{(firstRow * Width * 4) + (8 * 4)}", "frame 0"], machine.Display.DmaBufs);
    }

    [Fact]
    public void Resource_Destroyed_IsForgottenByTheDisplay()
    {
        using var machine = new Machine(new ExportingRenderer());
        machine.Flip(1);
        machine.Flip(2);
        machine.Guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));

        Assert.True(machine.Display.RunUntil(() => machine.Display.DmaBufs.Contains("forget 0")));
    }

    [Fact]
    public void Display_ThatRefusesABuffer_GetsMemFds()
    {
        using var machine = new Machine(new ExportingRenderer());
        machine.Display.RefusesBuffers = true;
        machine.Flip(1);

        Assert.True(machine.Display.RunUntil(() => machine.Display.ScanoutSets == 1 && machine.Counts.Copies == 1));
        Assert.Equal("the display could not show the dma-buf", machine.Gpu.Device.Statistics.MemFdReason);
    }

    [Theory]
    [InlineData("memfd only", "the display takes no dma-bufs")]
    [InlineData("modifier", "the display does not show dma-bufs of DRM_FORMAT_XRGB8888 with modifier 0x5")]
    [InlineData("gpu memory", "the display reads dma-bufs by CPU, which memory of a renderer is not for")]
    [InlineData("off", "--gpu dmabuf=off")]
    public void Scanout_ThatCannotGoAsADmaBuf_GoesByMemFd_AndSaysWhy(string obstacle, string why)
    {
        using var machine = new Machine(
            new ExportingRenderer { Modifier = obstacle == "modifier" ? 5u : 0, IsOrdinaryMemory = obstacle != "gpu memory" },
            obstacle switch
            {
                "memfd only" => DisplayTransports.MemFd,
                "gpu memory" => Imported | DisplayTransports.Mapped,
                _ => Imported,
            },
            new GpuOptions { DmaBuf = obstacle != "off" });
        machine.Flip(1);

        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        Assert.Empty(machine.Display.DmaBufs);
        Assert.Equal((1, 0, 1), machine.Counts);
        Assert.Equal(why, machine.Gpu.Device.Statistics.MemFdReason);
    }

    [Fact]
    public void Picture_OfAModifierThatBothHave_GoesWithItsPlanes_AndAPartOfItByMemFd()
    {
        using var machine = new Machine(new ExportingRenderer { Modifier = Tiled, PlaneCount = 2 });
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        Assert.Equal(["64x48 0x100000000000004 in 2", "buffer 0+0", "frame 0"], machine.Display.DmaBufs);

        machine.Guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(8, 4, 16, 16)));
        machine.Guest.Do(FlushRequest(1, s_all));
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 2));
        Assert.Equal((2, 1, 1), machine.Counts);
        Assert.Equal("a part of the picture is shown, and its rows are not plain ones", machine.Gpu.Device.Statistics.MemFdReason);
    }

    [Fact]
    public void Display_ThatComesAnew_IsSentTheDmaBufsAgain()
    {
        var renderer = new ExportingRenderer();
        using var machine = new Machine(renderer);
        machine.Flip(1);
        Assert.True(machine.Display.RunUntil(() => machine.Display.Frames == 1));
        using TestDisplay second = machine.Gpu.ConnectDisplay(ours => new TestDisplay(ours, Imported, s_formats));

        Assert.True(second.RunUntil(() => second.Frames == 1));
        Assert.Equal(["64x48", "buffer 0+0", "frame 0"], second.DmaBufs);
        Assert.Equal(1, renderer.Exports);
    }

    private static Pending Offer<T>(Machine machine, in T request)
        where T : unmanaged => machine.Guest.Control.Offer(GpuGuest.Bytes(request, default), Unsafe.SizeOf<VirtioGpuCtrlHdr>());

    private sealed class Machine : IDisposable
    {
        public Machine(ExportingRenderer renderer, DisplayTransports transports = Imported, GpuOptions? options = null)
        {
            Gpu = new InProcessGpu(options, renderer);
            // Most tests let the display answer only when the guest has had its own.
            Gpu.Device.FlipPatience = TimeSpan.FromMilliseconds(20);
            Guest = Gpu.Connect();
            Guest.Start();
            Display = Gpu.ConnectDisplay(ours => new TestDisplay(ours, transports, transports == DisplayTransports.MemFd ? [] : s_formats));
            Assert.True(Display.RunUntil(() => Display.IsReady));
            Guest.Create2d(1, Width, Height);
            Guest.Create2d(2, Width, Height);
        }

        public InProcessGpu Gpu { get; }

        public GpuGuest Guest { get; }

        public TestDisplay Display { get; }

        public (long Sent, long DmaBufs, long Copies) Counts =>
            (Gpu.Device.Statistics.FramesSent, Gpu.Device.Statistics.DmaBufFrames, Gpu.Device.Statistics.Copies);

        public void Flip(uint resource)
        {
            Guest.Do(SetScanoutRequest(0, resource, s_all));
            Guest.Do(FlushRequest(resource, s_all));
        }

        public void Dispose()
        {
            Display.Dispose();
            Guest.Dispose();
            Gpu.Dispose();
        }
    }
}
