using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Fences;

/// <summary>Fences of contexts and rings beside the global ones (VIRTIO_GPU_F_CONTEXT_INIT).</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class RingFenceTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(50);

    private readonly Gpu3d<FakeRenderer3d> _rig = new(retired => new FakeRenderer3d(retired));

    public RingFenceTests()
    {
        _rig.Guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT);
        CreateContext(1);
        CreateContext(2);
    }

    [Fact]
    public void Retire_OfOneRing_CompletesNothingOfAnother()
    {
        Pending first = Submit(1, 0, 10);
        Pending second = Submit(1, 1, 11);
        Pending third = Submit(2, 0, 12);
        Pending global = Submit(1, null, 13);
        Assert.False(_rig.Guest.Control.TryWait(global, s_moment, out _));
        (FenceTimelineId, uint)[] rings = [.. _rig.Renderer.ContextFences];
        Assert.Equal([new(1, 0), new(1, 1), new(2, 0)], rings.Select(ring => ring.Item1));

        Retire(rings[2]);
        AssertHeader(third, 12, 2, 0);
        Retire(rings[1]);
        AssertHeader(second, 11, 1, 1);
        _rig.Retire(uint.MaxValue >> 2);
        _ = _rig.Guest.Control.Wait(global, s_patience);
        Assert.False(_rig.Guest.Control.TryWait(first, s_moment, out _));
        Retire(rings[0]);
        AssertHeader(first, 10, 1, 0);
    }

    [Fact]
    public void Retire_FromManyThreads_CompletesEachInTheOrderOfItsRing()
    {
        const int Rings = 8;
        const int Each = 5;
        Pending[,] submits = new Pending[Rings, Each];
        for (int i = 0; i < Each; i++)
        {
            for (int ring = 0; ring < Rings; ring++)
            {
                submits[ring, i] = Submit(1, (byte)ring, (ulong)i);
            }
        }

        Assert.True(SpinWait.SpinUntil(() => _rig.Renderer.Submits == Rings * Each, s_patience));
        Assert.False(_rig.Guest.Control.TryWait(submits[0, 0], s_moment, out _));
        (FenceTimelineId Timeline, uint Fence)[] fences = [.. _rig.Renderer.ContextFences];
        Parallel.For(0, Rings, ring =>
        {
            foreach ((FenceTimelineId timeline, uint fence) in fences.Where(fence => fence.Timeline.Ring == ring))
            {
                _rig.Retire(timeline, fence);
                _rig.Retire(timeline, fence);
            }
        });

        for (int ring = 0; ring < Rings; ring++)
        {
            int last = -1;
            for (int i = 0; i < Each; i++)
            {
                _ = _rig.Guest.Control.Wait(submits[ring, i], s_patience);
                int at = _rig.Guest.Control.Order.ToList().LastIndexOf(submits[ring, i].Head);
                Assert.True(at > last, $"ring {ring}, fence {i} out of order");
                last = at;
            }
        }

        Assert.Equal(TimeSpan.Zero, _rig.Gpu.Device.Stalled);
    }

    [Fact]
    public void Submit_RetiredInsideTheCall_IsAnswered()
    {
        _rig.Renderer.RetiresAtOnce = true;
        AssertHeader(Submit(1, 3, 5), 5, 1, 3);
    }

    [Fact]
    public void Submit_FenceRefused_IsAnsweredAtOnceWithItsFence()
    {
        _rig.Renderer.RefusesFences = true;
        AssertHeader(Submit(1, 3, 5), 5, 1, 3, VIRTIO_GPU_RESP_ERR_UNSPEC);
    }

    [Fact]
    public void Submit_FenceRefusedBehindAnother_IsAnsweredWithThatOne()
    {
        Pending first = Submit(1, 3, 5);
        Assert.True(SpinWait.SpinUntil(() => _rig.Renderer.Submits == 1, s_patience));
        Assert.False(_rig.Guest.Control.TryWait(first, s_moment, out _));
        _rig.Renderer.RefusesFences = true;
        Pending second = Submit(1, 3, 6);
        Assert.False(_rig.Guest.Control.TryWait(second, s_moment, out _));
        Retire(_rig.Renderer.ContextFences[0]);

        AssertHeader(first, 5, 1, 3);
        AssertHeader(second, 6, 1, 3, VIRTIO_GPU_RESP_ERR_UNSPEC);
    }

    [Fact]
    public void DestroyContext_WithFencesPending_CompletesThemAndIgnoresLateReports()
    {
        Pending submit = Submit(1, 0, 7);
        Assert.False(_rig.Guest.Control.TryWait(submit, s_moment, out _));
        _rig.Guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = 1 });
        AssertHeader(submit, 7, 1, 0);

        // The same id again: what the renderer still says of the old one means nothing.
        CreateContext(1);
        Pending next = Submit(1, 0, 8);
        Assert.False(_rig.Guest.Control.TryWait(next, s_moment, out _));
        Retire(_rig.Renderer.ContextFences[0]);
        Assert.False(_rig.Guest.Control.TryWait(next, s_moment, out _));
        Retire(_rig.Renderer.ContextFences[1]);
        AssertHeader(next, 8, 1, 0);
    }

    [Fact]
    public void Reset_WithFencesPending_AnswersThemAndForgetsTheRest()
    {
        Pending submit = Submit(1, 0, 7);
        Assert.False(_rig.Guest.Control.TryWait(submit, s_moment, out _));
        _rig.Guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT);
        Retire(_rig.Renderer.ContextFences[0]);

        CreateContext(1);
        _rig.Renderer.RetiresAtOnce = true;
        AssertHeader(Submit(1, 0, 9), 9, 1, 0);
    }

    [Theory]
    [InlineData(9u, 0, VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID)]
    [InlineData(1u, 64, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER)]
    [InlineData(1u, 255, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER)]
    public void Submit_RingThatCannotBe_IsRefusedWithItsFence(uint context, byte ring, VirtioGpuCtrlType error)
    {
        VirtioGpuCtrlHdr header = MemoryMarshal.Read<VirtioGpuCtrlHdr>(_rig.Guest.Control.Wait(Submit(context, ring, 3), s_patience));

        Assert.Equal((error, 3u), (header.Type, header.FenceId));
        Assert.Equal(0, _rig.Renderer.Submits);
        Assert.Empty(_rig.Renderer.ContextFences);
    }

    [Fact]
    public void Submit_RingFlagWithoutTheFeature_IsOfTheGlobalTimeline()
    {
        _rig.Guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        CreateContext(1);
        Pending pending = Submit(1, 3, 3);
        Assert.False(_rig.Guest.Control.TryWait(pending, s_moment, out _));
        _rig.Retire(_rig.Renderer.LastFence);

        _ = _rig.Guest.Control.Wait(pending, s_patience);
        Assert.Empty(_rig.Renderer.ContextFences);
    }

    [Theory]
    [InlineData(0u, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL)]
    [InlineData(1u, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL)]
    [InlineData(2u, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2)]
    public void CreateContext_OfAnOfferedType_IsOfThatType(uint init, VirtioGpuCapsetId type)
    {
        CreateContext(5, init);

        Assert.Equal(type, _rig.Renderer.ContextTypes[5]);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(6u)]
    [InlineData(255u)]
    [InlineData(0x102u)]
    [InlineData(0x100u)]
    public void CreateContext_OfAnotherType_IsRefused(uint init) =>
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, ContextRequest(5, init));

    public void Dispose() => _rig.Dispose();

    private static VirtioGpuCtxCreate ContextRequest(uint id, uint init) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = id }, ContextInit = init };

    private void CreateContext(uint id, uint init = 0) => _rig.Guest.Do(ContextRequest(id, init));

    private void Retire((FenceTimelineId Timeline, uint Fence) fence) => _rig.Retire(fence.Timeline, fence.Fence);

    private void AssertHeader(
        Pending pending, ulong fence, uint context, byte ring, VirtioGpuCtrlType type = VIRTIO_GPU_RESP_OK_NODATA)
    {
        VirtioGpuCtrlHdr header = MemoryMarshal.Read<VirtioGpuCtrlHdr>(_rig.Guest.Control.Wait(pending, s_patience));
        Assert.Equal(VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE | VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX, header.Flags);
        Assert.Equal((type, fence, context, ring), (header.Type, header.FenceId, header.CtxId, header.RingIdx));
    }

    private unsafe Pending Submit(uint context, byte? ring, ulong fence)
    {
        VirtioGpuFlags flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE;
        var request = new VirtioGpuCmdSubmit
        {
            Hdr =
            {
                Type = VIRTIO_GPU_CMD_SUBMIT_3D,
                Flags = ring is null ? flags : flags | VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX,
                CtxId = context,
                FenceId = fence,
                RingIdx = ring ?? 0,
            },
            Size = 4,
        };
        return _rig.Guest.Control.Offer(GpuGuest.Bytes(request, [1, 2, 3, 4]), sizeof(VirtioGpuCtrlHdr));
    }
}
