using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Fences;

[Trait("Tier", Tiers.Unit)]
public sealed class FenceTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(50);

    private readonly Gpu3d<FakeRenderer3d> _rig = new(retired => new FakeRenderer3d(retired));

    public FenceTests()
    {
        _rig.Guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        _rig.Guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 1 } });
    }

    [Fact]
    public void Submit_Fenced_IsAnsweredOnlyWhenTheFenceRetires()
    {
        Pending submit = Submit(77);
        Assert.False(_rig.Guest.Control.TryWait(submit, s_moment, out _));
        _rig.Retire(_rig.Renderer.LastFence);

        byte[] response = _rig.Guest.Control.Wait(submit, s_patience);
        VirtioGpuCtrlHdr header = MemoryMarshal.Read<VirtioGpuCtrlHdr>(response);
        Assert.Equal((VIRTIO_GPU_RESP_OK_NODATA, VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE, 77u), (header.Type, header.Flags, header.FenceId));
        Assert.Equal([1, 2, 3, 4], _rig.Renderer.LastStream);
    }

    [Fact]
    public void Stalled_WhileAFenceIsPending_GrowsUntilItRetires()
    {
        Assert.Equal(TimeSpan.Zero, _rig.Gpu.Device.Stalled);
        Pending submit = Submit(1);
        Assert.False(_rig.Guest.Control.TryWait(submit, 2 * s_moment, out _));
        Assert.True(_rig.Gpu.Device.Stalled >= s_moment);
        _rig.Retire(_rig.Renderer.LastFence);

        _ = _rig.Guest.Control.Wait(submit, s_patience);
        Assert.Equal(TimeSpan.Zero, _rig.Gpu.Device.Stalled);
    }

    [Fact]
    public void Retire_LaterFence_CompletesEarlierOnesInOrder()
    {
        // Fence ids of the guest mean nothing here: only the order counts.
        Pending[] submits = [Submit(9), Submit(8), Submit(ulong.MaxValue), Submit(0)];
        Assert.False(_rig.Guest.Control.TryWait(submits[0], s_moment, out _));
        uint[] fences = [.. _rig.Renderer.Fences];
        _rig.Retire(fences[2]);
        foreach (Pending done in submits[..3])
        {
            _ = _rig.Guest.Control.Wait(done, s_patience);
        }

        Assert.Equal(submits[..3].Select(submit => submit.Head), _rig.Guest.Control.Order.TakeLast(3));
        Assert.False(_rig.Guest.Control.TryWait(submits[3], s_moment, out _));
        _rig.Retire(fences[3]);
        _ = _rig.Guest.Control.Wait(submits[3], s_patience);
    }

    [Fact]
    public void Send_FencedBehindPendingWork_WaitsForItAndUnfencedDoesNot()
    {
        Pending submit = Submit(1);
        Pending fenced = Fenced(Create2dRequest(1, 4, 4), 2);
        _rig.Guest.Create2d(2, 4, 4);
        Assert.False(_rig.Guest.Control.TryWait(fenced, s_moment, out _));
        _rig.Retire(_rig.Renderer.LastFence);

        _ = _rig.Guest.Control.Wait(submit, s_patience);
        _ = _rig.Guest.Control.Wait(fenced, s_patience);
        Assert.Equal([submit.Head, fenced.Head], _rig.Guest.Control.Order.TakeLast(2));
    }

    [Fact]
    public void Send_FencedWithoutWork_NeedsNoFence()
    {
        _ = _rig.Guest.Control.Wait(Fenced(Create2dRequest(1, 4, 4), 5), s_patience);

        Assert.Empty(_rig.Renderer.Fences);
    }

    [Fact]
    public void Send_FencedError_WaitsBehindEarlierFences()
    {
        Pending submit = Submit(1);
        Pending wrong = Fenced(Create2dRequest(0, 4, 4), 2);
        Assert.False(_rig.Guest.Control.TryWait(wrong, s_moment, out _));
        _rig.Retire(_rig.Renderer.LastFence);

        _ = _rig.Guest.Control.Wait(submit, s_patience);
        byte[] response = _rig.Guest.Control.Wait(wrong, s_patience);
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type);
    }

    [Fact]
    public void CreateFence_RefusedWithNothingPending_CompletesAtOnce()
    {
        _rig.Renderer.RefusesFences = true;
        AssertRefused(_rig.Guest.Control.Wait(Submit(1), s_patience), 1);
    }

    [Fact]
    public void CreateFence_RefusedAtEachCallInTurn_TheGuestGoesOn()
    {
        for (ulong refused = 0; refused < 10; refused++)
        {
            for (ulong i = 0; i < 10; i++)
            {
                _rig.Renderer.RefusesFences = i == refused;
                _rig.Renderer.RetiresAtOnce = true;
                byte[] response = _rig.Guest.Control.Wait(Submit(i), s_patience);
                VirtioGpuCtrlType type = MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type;
                Assert.Equal(i == refused ? VIRTIO_GPU_RESP_ERR_UNSPEC : VIRTIO_GPU_RESP_OK_NODATA, type);
            }
        }
    }

    [Fact]
    public void CreateFence_RefusedBehindOthers_CompletesWithThem()
    {
        Pending first = Submit(1);
        Assert.False(_rig.Guest.Control.TryWait(first, s_moment, out _));
        _rig.Renderer.RefusesFences = true;
        Pending refused = Submit(2);
        Assert.False(_rig.Guest.Control.TryWait(refused, s_moment, out _));
        _rig.Renderer.RefusesFences = false;
        Pending third = Submit(3);
        Assert.False(_rig.Guest.Control.TryWait(third, s_moment, out _));
        _rig.Retire(_rig.Renderer.Fences[0]);

        _ = _rig.Guest.Control.Wait(first, s_patience);
        AssertRefused(_rig.Guest.Control.Wait(refused, s_patience), 2);
        Assert.False(_rig.Guest.Control.TryWait(third, s_moment, out _));
        _rig.Retire(_rig.Renderer.LastFence);
        _ = _rig.Guest.Control.Wait(third, s_patience);
    }

    [Fact]
    public void CreateFence_ReportedFromInsideTheCall_IsNotLost()
    {
        _rig.Renderer.RetiresAtOnce = true;
        for (ulong i = 0; i < 1000; i++)
        {
            _ = _rig.Guest.Control.Wait(Submit(i), s_patience);
        }
    }

    [Fact]
    public void Retire_FromManyThreads_EveryRequestIsAnsweredOnceInOrder()
    {
        using var stop = new CancellationTokenSource();
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            uint last = 0;
            while (!stop.IsCancellationRequested)
            {
                uint fence = _rig.Renderer.LastFence;
                if (fence != last)
                {
                    last = fence;
                    _rig.Retire(fence);
                }

                Thread.Yield();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        try
        {
            for (int round = 0; round < 100; round++)
            {
                Pending[] submits = [.. Enumerable.Range(0, 30).Select(i => Submit((ulong)i))];
                foreach (Pending submit in submits)
                {
                    _ = _rig.Guest.Control.Wait(submit, s_patience);
                }

                Assert.Equal(submits.Select(submit => submit.Head), _rig.Guest.Control.Order.TakeLast(30));
            }
        }
        finally
        {
            stop.Cancel();
            Array.ForEach(threads, thread => thread.Join());
        }
    }

    [Fact]
    public void StopQueue_WithPendingFence_AnswersIt()
    {
        Pending submit = Submit(1);
        Assert.False(_rig.Guest.Control.TryWait(submit, s_moment, out _));
        _ = _rig.Guest.FrontEnd.StopQueue(0, out _);

        _ = _rig.Guest.Control.Wait(submit, s_patience);
    }

    [Fact]
    public void Reboot_WithPendingFences_LateReportsDoNoHarm()
    {
        for (int i = 0; i < 10; i++)
        {
            _ = Submit(1);
            Pending last = Submit(2);
            Assert.False(_rig.Guest.Control.TryWait(last, s_moment, out _));
            uint late = _rig.Renderer.LastFence;
            _rig.Guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
            Assert.Empty(_rig.Renderer.Contexts);
            _rig.Guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 1 } });
            Pending submit = Submit(1);
            _rig.Retire(late);
            Assert.False(_rig.Guest.Control.TryWait(submit, s_moment, out _));
            _rig.Retire(_rig.Renderer.LastFence);
            _ = _rig.Guest.Control.Wait(submit, s_patience);
        }
    }

    private static void AssertRefused(byte[] response, ulong fence)
    {
        VirtioGpuCtrlHdr header = MemoryMarshal.Read<VirtioGpuCtrlHdr>(response);
        Assert.Equal((VIRTIO_GPU_RESP_ERR_UNSPEC, VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE, fence), (header.Type, header.Flags, header.FenceId));
    }

    public void Dispose() => _rig.Dispose();

    private Pending Submit(ulong fence) => Fenced(
        new VirtioGpuCmdSubmit { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = 1 }, Size = 4 }, fence, [1, 2, 3, 4]);

    private Pending Fenced<T>(T request, ulong fence, ReadOnlySpan<byte> tail = default)
        where T : unmanaged
    {
        ref VirtioGpuCtrlHdr header = ref Unsafe.As<T, VirtioGpuCtrlHdr>(ref request);
        header.Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE;
        header.FenceId = fence;
        return _rig.Guest.Control.Offer(GpuGuest.Bytes(request, tail), Unsafe.SizeOf<VirtioGpuCtrlHdr>());
    }
}
