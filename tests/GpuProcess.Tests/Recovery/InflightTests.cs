using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>Requests that the process had when it died: each is answered once, and carried out once.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InflightTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly JournalImage _journal = new();
    private readonly List<(InProcessGpu Gpu, FakeRenderer3d Renderer, RetiredFences Retired)> _processes = [];
    private readonly GpuGuest _guest;

    public InflightTests()
    {
        _guest = Begin().Connect(keepsInflight: true);
        _guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        _guest.CreateContext(1);
    }

    private FakeRenderer3d Renderer => _processes[^1].Renderer;

    [Fact]
    public void Kill_WhileFencesPend_AnswersThemWithoutExecutingThemAgain()
    {
        byte[] stream = new byte[16];
        Pending[] pending = new Pending[20];
        for (int i = 0; i < pending.Length; i++)
        {
            pending[i] = _guest.Control.Offer(GpuGuest.Bytes(Fenced(SubmitRequest(1, stream), (ulong)i), stream), 24);
        }

        // One without a fence is answered before them.
        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 }).Type);
        Restart();

        for (int i = 0; i < pending.Length; i++)
        {
            VirtioGpuCtrlHdr response = Header(_guest.Control.Wait(pending[i], s_patience));
            Assert.Equal((VIRTIO_GPU_RESP_OK_NODATA, (ulong)i), (response.Type, response.FenceId));
        }

        Assert.Equal(0, Renderer.Submits);
        AssertNothingMore();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Kill_InsideAnExecution_ExecutesItAgain(bool afterTheEffect)
    {
        Renderer.OnCreateContext = (id, after) =>
        {
            if (id == 9 && after == afterTheEffect)
            {
                throw new KilledException();
            }
        };
        Pending pending = _guest.Control.Offer(
            GpuGuest.Bytes(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 9 } }, default), 24);
        WaitForDeath();
        Restart();

        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Header(_guest.Control.Wait(pending, s_patience)).Type);
        Assert.Equal([1u, 9u], Renderer.Contexts.Order());
        AssertNothingMore();
    }

    [Fact]
    public void Kill_BetweenExecutionAndAnswer_AnswersOnly()
    {
        // The fence is made after the request was executed, and before its answer is visible.
        Renderer.OnCreateFence = () => throw new KilledException();
        byte[] stream = new byte[16];
        Pending first = _guest.Control.Offer(GpuGuest.Bytes(Fenced(SubmitRequest(1, stream), 1), stream), 24);
        WaitForDeath();
        Pending second = _guest.Control.Offer(GpuGuest.Bytes(SubmitRequest(1, stream), stream), 24);
        Restart();

        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Header(_guest.Control.Wait(first, s_patience)).Type);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Header(_guest.Control.Wait(second, s_patience)).Type);
        Assert.Equal(1, Renderer.Submits);
        AssertNothingMore();
    }

    [Fact]
    public void Kill_DuringTheRestoration_IsSurvived()
    {
        _guest.Create2d(1, 8, 8);
        byte[] stream = new byte[16];
        Pending pending = _guest.Control.Offer(GpuGuest.Bytes(Fenced(SubmitRequest(1, stream), 7), stream), 24);
        Assert.True(SpinWait.SpinUntil(() => Renderer.Submits == 1, s_patience));
        _processes[^1].Gpu.Kill();
        InProcessGpu dying = Begin();
        Renderer.OnCreateContext = (_, _) => throw new KilledException();
        // It dies between two messages of the connection, which it does not close.
        _ = Record.Exception(() => dying.Reconnect(_guest, TimeSpan.FromSeconds(1)));
        WaitForDeath();
        Restart();

        Assert.Equal(7ul, Header(_guest.Control.Wait(pending, s_patience)).FenceId);
        Assert.Equal(0, Renderer.Submits);
        Assert.Equal([1u], Renderer.Contexts);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create2dRequest(1, 8, 8));
        AssertNothingMore();
    }

    [Fact]
    public void Kill_ByOneThingOfTheJournal_LeavesThatOutInTheEnd()
    {
        _guest.CreateContext(2);
        _processes[^1].Gpu.Kill();
        for (int death = 0; death < 3; death++)
        {
            InProcessGpu dying = Begin();
            Renderer.OnCreateContext = (id, _) =>
            {
                if (id == 1)
                {
                    throw new KilledException();
                }
            };
            _ = Record.Exception(() => dying.Reconnect(_guest, TimeSpan.FromSeconds(1)));
            WaitForDeath();
            dying.Kill();
        }

        Begin().Reconnect(_guest);
        _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
        Assert.Equal([2u], Renderer.Contexts);
        byte[] stream = new byte[8];
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, SubmitRequest(1, stream), stream);
        _guest.CreateContext(1);
    }

    [Fact]
    public void Kill_WithADamagedJournal_AnswersWithErrorsAndGoesOn()
    {
        byte[] stream = new byte[16];
        Pending pending = _guest.Control.Offer(GpuGuest.Bytes(Fenced(SubmitRequest(1, stream), 7), stream), 24);
        Assert.True(SpinWait.SpinUntil(() => Renderer.Submits == 1, s_patience));
        _processes[^1].Gpu.Kill();
        _journal.Bytes[24576..].Fill(0x5A);
        Begin().Reconnect(_guest);

        VirtioGpuCtrlHdr response = Header(_guest.Control.Wait(pending, s_patience));
        Assert.Equal((VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, 7ul), (response.Type, response.FenceId));
        Assert.Contains(_processes[^1].Gpu.Log, line => line.Contains("damaged", StringComparison.Ordinal));
        _guest.CreateContext(1);
        AssertNothingMore();
    }

    [Fact]
    public void Kill_ManyTimesUnderLoad_AnswersEverythingOnce()
    {
        var random = new Random(17);
        for (int round = 0; round < 60; round++)
        {
            Renderer.RetiresAtOnce = random.Next(2) == 0;
            uint context = (uint)(100 + round);
            List<Pending> pending =
            [
                _guest.Control.Offer(GpuGuest.Bytes(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = context } }, default), 24),
            ];
            byte[] stream = new byte[8];
            for (int i = random.Next(60); i >= 0; i--)
            {
                pending.Add(_guest.Control.Offer(GpuGuest.Bytes(Fenced(SubmitRequest(context, stream), (ulong)i), stream), 24));
            }

            Thread.SpinWait(random.Next(100_000));
            Restart();
            Assert.All(pending, one => Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Header(_guest.Control.Wait(one, s_patience)).Type));
            for (int i = 0; i < 110; i++)
            {
                _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
            }
        }

        Assert.Equal(61, Renderer.Contexts.Count);
        AssertNothingMore();
    }

    public void Dispose()
    {
        _guest.Dispose();
        foreach ((InProcessGpu gpu, FakeRenderer3d _, RetiredFences retired) in _processes)
        {
            gpu.Dispose();
            retired.Dispose();
        }

        _journal.Dispose();
    }

    private static VirtioGpuCtrlHdr Header(byte[] response) => MemoryMarshal.Read<VirtioGpuCtrlHdr>(response);

    private InProcessGpu Begin()
    {
        var retired = new RetiredFences();
        var renderer = new FakeRenderer3d(retired);
        _processes.Add((new InProcessGpu(renderer: renderer, retired: retired, journal: _journal.File), renderer, retired));
        return _processes[^1].Gpu;
    }

    private void WaitForDeath()
    {
        Assert.True(SpinWait.SpinUntil(() => _processes[^1].Gpu.Failure is not null, s_patience));
        Assert.IsType<KilledException>(_processes[^1].Gpu.Failure);
    }

    private void Restart()
    {
        _processes[^1].Gpu.Kill();
        InProcessGpu next = Begin();
        Renderer.RetiresAtOnce = true;
        next.Reconnect(_guest);
    }

    private void AssertNothingMore()
    {
        _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
        Assert.Equal(_guest.Control.Ring.Layout.Size, _guest.Control.Ring.FreeDescriptors);
        Assert.Equal(_guest.Control.Ring.AvailableIndex, _guest.Control.Ring.UsedIndex);
    }
}
