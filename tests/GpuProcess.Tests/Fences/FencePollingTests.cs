using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Fences;

/// <summary>A renderer without a fence thread of its own.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class FencePollingTests
{
    [Fact]
    public void MustPoll_FencePending_IsPolledUntilItRetiresAndThenLeftAlone()
    {
        using var rig = new Gpu3d<FakeRenderer3d>(retired => new FakeRenderer3d(retired) { MustPoll = true });
        (FakeRenderer3d renderer, GpuGuest guest) = (rig.Renderer, rig.Guest);
        guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 1 } });
        Assert.Equal(0, renderer.Polls);
        byte[] request = GpuGuest.Bytes(
            new VirtioGpuCmdSubmit
            {
                Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = 1, Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE },
                Size = 4,
            },
            [0, 0, 0, 0]);
        Pending submit = guest.Control.Offer(request, Unsafe.SizeOf<VirtioGpuCtrlHdr>());

        Assert.True(SpinWait.SpinUntil(() => renderer.Polls > 5, 10_000));
        rig.Retire(renderer.LastFence);
        _ = guest.Control.Wait(submit, TimeSpan.FromSeconds(10));
        // The timer ends with the tick after the last fence.
        Thread.Sleep(50);
        int after = renderer.Polls;
        Thread.Sleep(50);
        Assert.Equal(after, renderer.Polls);
    }
}
