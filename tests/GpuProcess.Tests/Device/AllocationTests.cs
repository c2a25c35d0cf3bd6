using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Device;

/// <summary>The budget of the paths that run for every command and frame: no managed memory at all.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AllocationTests : IDisposable
{
    private const int Rounds = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly VirtioGpuRect s_all = new(0, 0, 32, 32);

    private readonly JournalImage _journal = new();
    private readonly Gpu3d<FakeRenderer3d> _rig;

    public AllocationTests()
    {
        _rig = new Gpu3d<FakeRenderer3d>(
            retired => new FakeRenderer3d(retired) { RetiresAtOnce = true, KeepsStreams = false, CountsFences = false }, journal: _journal.File);
        _rig.Guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        _rig.Guest.Create2d(1, 32, 32);
        _ = _rig.Guest.AttachFresh(1, 32 * 32 * 4);
        _rig.Guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 1 } });
    }

    [Fact]
    public void Frames2d_TransferSetScanoutFlush_AllocateNothing()
    {
        using TestDisplay display = _rig.Gpu.ConnectDisplay();
        Measure(() =>
        {
            int frames = display.Frames;
            Send(TransferRequest(1, s_all, 0));
            Send(SetScanoutRequest(0, 1, s_all));
            Send(FlushRequest(1, new VirtioGpuRect(1, 2, 3, 4)));
            // A frame for each: a device that is busy with requests hears late of free buffers, and would put several into one.
            Assert.True(display.RunUntil(() => display.Frames > frames));
        });
    }

    [Fact]
    public void Submit3d_WithFence_AllocatesNothing()
    {
        byte[] stream = new byte[1000];
        byte[] request = GpuGuest.Bytes(
            new VirtioGpuCmdSubmit
            {
                Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = 1, Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE },
                Size = (uint)stream.Length,
            },
            stream);
        Measure(() => _ = _rig.Guest.Control.Wait(_rig.Guest.Control.Offer(request, Unsafe.SizeOf<VirtioGpuCtrlHdr>()), s_patience));
        Assert.True(_rig.Gpu.Device.Statistics.Fences > Rounds);
    }

    [Fact]
    public void MoveCursor_WithDisplay_AllocatesNothing()
    {
        using TestDisplay display = _rig.Gpu.ConnectDisplay();
        _ = _rig.Guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_UPDATE_CURSOR, 0, 1, 0, 0));
        int x = 0;
        Measure(() =>
        {
            _ = _rig.Guest.SendCursor(CursorRequest(VIRTIO_GPU_CMD_MOVE_CURSOR, 0, 0, ++x, 5));
            display.Settle(0);
        });
        Assert.True(display.RunUntil(() => display.Cursors[0].Position.X == x));
    }

    [Fact]
    public void WrongCommands_OfAGuest_AllocateNothing() => Measure(() =>
    {
        Send(FlushRequest(99, s_all));
        Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
        Send(Create2dRequest(1, 1, 1));
    });

    public void Dispose()
    {
        _rig.Dispose();
        _journal.Dispose();
    }

    private void Send<T>(in T request)
        where T : unmanaged
    {
        byte[] bytes = GpuGuest.Bytes(request, default);
        _ = _rig.Guest.Control.Wait(_rig.Guest.Control.Offer(bytes, Unsafe.SizeOf<VirtioGpuCtrlHdr>()), s_patience);
    }

    /// <summary>Repeats something and compares what the device's thread has allocated before and after.</summary>
    private void Measure(Action action)
    {
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        long before = AllocatedByDevice();
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        // What the two questions themselves cost.
        long asking = AllocatedByDevice();
        long costOfAsking = AllocatedByDevice() - asking;
        Assert.InRange(asking - before, 0, costOfAsking);
    }

    private long AllocatedByDevice()
    {
        long bytes = 0;
        _rig.Gpu.Invoke(() => bytes = GC.GetAllocatedBytesForCurrentThread());
        return bytes;
    }
}
