using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>
/// virglrenderer and Mesa in a sandboxed gpu-process that is killed: the program in the guest makes nothing again, and
/// draws the same.
/// </summary>
public abstract class VirglRecoveryTests : IDisposable
{
    private readonly JournalImage _journal = new(16 << 20);
    private readonly string _image;
    private readonly GpuGuest _guest;
    private RuntimeGpu _gpu;

    protected VirglRecoveryTests(string image)
    {
        _image = image;
        _gpu = RuntimeGpu.StartWith(image, "", _journal.File);
        _guest = _gpu.Connect(keepsInflight: true);
        _guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
    }

    [Fact]
    public void Kill_OfADrawingProgram_DrawsTheSameAfterwards()
    {
        var scene = new TriangleScene(_guest, 1, 10);
        scene.Create();
        byte[] first = scene.Draw();
        Assert.True(first.Distinct().Count() > 8, "the picture is too plain to show anything");
        scene.Tint(0.5f, 1, 0.25f);
        byte[] before = scene.Draw();
        Assert.NotEqual(first, before);

        Restart();

        Assert.Equal(before, scene.Draw());
        scene.Tint(1, 1, 1);
        Assert.Equal(first, scene.Draw());
        // And once more, from what the successor wrote.
        Restart();
        Assert.Equal(first, scene.Draw());
    }

    [Fact]
    public void Kill_AfterUploadsThroughStaging_DrawsTheSameAfterwards()
    {
        var scene = new TriangleScene(_guest, 1, 10);
        scene.Create();
        byte[] plain = scene.Draw();
        scene.UpdateThroughStaging(20);
        byte[] before = scene.Draw();
        Assert.NotEqual(plain, before);
        Restart();

        Assert.Equal(before, scene.Draw());
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 20));
        Restart();
        Assert.Equal(before, scene.Draw());
    }

    [Fact]
    public void Kill_OfAContextThatOutgrewItsShare_AnswersWithErrorsAndServesOthers()
    {
        var scene = new TriangleScene(_guest, 1, 10);
        scene.Create();
        for (uint handle = 100; handle < 80_100;)
        {
            var samplers = new Virgl.VirglStream();
            for (int i = 0; i < 2000; i++)
            {
                _ = samplers.Add(1, 7, handle++, 0, 0, 0, 0, 0, 0, 0, 0);
            }

            byte[] stream = samplers.Bytes;
            _guest.Do(SubmitRequest(1, stream), stream);
        }

        byte[] before = scene.Draw();
        Assert.NotEmpty(before);
        Restart();

        byte[] draw = scene.DrawStream();
        VirtioGpuCtrlHdr response = _guest.SubmitAndWait(1, draw, 77);
        Assert.Equal((VIRTIO_GPU_RESP_ERR_UNSPEC, 77ul), (response.Type, response.FenceId));
        _guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = 1 });
        var other = new TriangleScene(_guest, 1, 30);
        other.Create();
        Assert.Equal(before, other.Draw());
    }

    [Fact]
    public void Kill_WithTwoPrograms_KeepsThemApart()
    {
        var one = new TriangleScene(_guest, 1, 10);
        var two = new TriangleScene(_guest, 2, 20);
        one.Create();
        two.Create();
        two.Tint(0, 0, 1);
        byte[] first = one.Draw();
        byte[] second = two.Draw();
        Restart();

        Assert.Equal(first, one.Draw());
        Assert.Equal(second, two.Draw());
        _guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = 1 });
        Restart();
        Assert.Equal(second, two.Draw());
        var again = new TriangleScene(_guest, 1, 30);
        again.Create();
        Assert.Equal(first, again.Draw());
    }

    [Fact]
    public void Kill_FiftyTimesUnderLoad_AnswersEverythingOnceAndDrawsTheSame()
    {
        var random = new Random(50);
        var scene = new TriangleScene(_guest, 1, 10);
        scene.Create();
        byte[] expected = scene.Draw();
        byte[] stream = scene.DrawStream();
        VirtioGpuRect all = new(0, 0, 8, 8);
        _guest.Create2d(5, 8, 8);
        ulong backing = _guest.AttachFresh(5, 8 * 8 * 4);
        for (int round = 0; round < 50; round++)
        {
            List<Pending> pending = [];
            for (int i = random.Next(5, 60); i > 0; i--)
            {
                pending.Add(random.Next(3) switch
                {
                    0 => Offer(SubmitRequest(1, stream), stream, i),
                    1 => Offer(Fenced(SubmitRequest(1, stream), (ulong)i), stream, i),
                    _ => Offer(TransferRequest(5, all, 0), [], i),
                });
            }

            Thread.Sleep(random.Next(4));
            Restart();
            foreach (Pending one in pending)
            {
                byte[] response = _guest.Control.Wait(one, TimeSpan.FromSeconds(30));
                Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type);
            }

            Assert.Equal(_guest.Control.Ring.Layout.Size, _guest.Control.Ring.FreeDescriptors);
            uint colour = 0xFF00_0000 | (uint)random.Next(1 << 24);
            MemoryMarshal.Cast<byte, uint>(_guest.Memory.Span(backing, 8 * 8 * 4)).Fill(colour);
            _guest.Do(TransferRequest(5, all, 0));
            _guest.Do(SetScanoutRequest(0, 5, all));
            _guest.Do(FlushRequest(5, all));
            Assert.True(_gpu.Display.RunUntil(() => _gpu.Display.Pictures[0] is { } picture && picture[7, 7] == colour));
            Assert.Equal(expected, scene.Draw());
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        TestContext.Current.TestOutputHelper?.WriteLine(_gpu.Errors);
        _guest.Dispose();
        _gpu.Dispose();
        _journal.Dispose();
    }

    private Pending Offer<T>(in T request, byte[] tail, int kick)
        where T : unmanaged => _guest.Control.Offer(GpuGuest.Bytes(request, tail), 24, kick: kick % 4 == 0 || kick == 1);

    private void Restart()
    {
        using RuntimeGpu former = _gpu;
        former.Kill();
        TestContext.Current.TestOutputHelper?.WriteLine(former.Errors);
        _gpu = RuntimeGpu.StartWith(_image, "", _journal.File);
        _gpu.Reconnect(_guest);
        for (int i = 0; i < 101; i++)
        {
            _ = _guest.Send(new VirtioGpuCtrlHdr { Type = (VirtioGpuCtrlType)0x999 });
        }
    }
}

/// <summary>virglrenderer 1.1 of Debian 13.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Virgl11RecoveryTests() : VirglRecoveryTests(RuntimeGpu.Trixie);

/// <summary>virglrenderer 1.3.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Virgl13RecoveryTests() : VirglRecoveryTests(RuntimeGpu.Forky);

/// <summary>What this host has, its GPU included.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class VirglHostRecoveryTests() : VirglRecoveryTests(RuntimeGpu.Host);
