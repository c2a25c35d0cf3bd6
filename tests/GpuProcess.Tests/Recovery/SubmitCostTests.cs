using System.Diagnostics;
using System.Globalization;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Replay;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.GpuProcess.Tests.Virgl;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>What the journal costs a submission; printed, not asserted.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class SubmitCostTests
{
    private const int Rounds = 3000;

    [Fact]
    public void Submit_WithAndWithoutAJournal_IsMeasured()
    {
        double without = double.MaxValue;
        double with = double.MaxValue;
        // The best of several, in turn: whether the two processes find a processor each decides more than the journal.
        for (int i = 0; i < 4; i++)
        {
            using var journal = new JournalImage(16 << 20);
            without = Math.Min(without, Measure(null));
            with = Math.Min(with, Measure(journal));
        }

        Print($"METRIC virgl_submit_us without_journal={without:F1} with_journal={with:F1}");
        Assert.True(without > 0 && with > 0);
    }

    [Fact]
    public void Record_OfAFrame_IsMeasured()
    {
        // A frame as a game sends it: two hundred draws, each with constants, views and a vertex buffer.
        var stream = new VirglStream();
        for (uint draw = 0; draw < 200; draw++)
        {
            _ = stream.Add(12, 0, [0, 0, draw, .. new uint[32]]).Add(12, 0, [1, 0, draw, .. new uint[16]])
                .Add(10, 0, 1, 0, 5).Add(6, 0, 32, draw, 3).Add(8, 0, 0, 3, 4, 0, 1, 0, 0, 0, 0, 0, 2, 0);
        }

        using var rig = new RecorderRig();
        double best = double.MaxValue;
        for (int round = 0; round < 200; round++)
        {
            long start = Stopwatch.GetTimestamp();
            rig.Submit(stream);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        Print($"METRIC virgl_record_frame_us commands=1000 bytes={stream.Bytes.Length} best={best:F1}");
        Assert.True(best > 0);
    }

    /// <summary>Microseconds from a kick to the answer, the median.</summary>
    private static double Measure(JournalImage? journal)
    {
        using RuntimeGpu gpu = RuntimeGpu.StartWith(RuntimeGpu.Trixie, "", journal?.File);
        using GpuGuest guest = gpu.Connect();
        guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        var scene = new TriangleScene(guest, 1, 10);
        scene.Create();
        byte[] stream = scene.TintedDrawStream(0.5f);
        byte[] request = GpuGuest.Bytes(SubmitRequest(1, stream), stream);
        double[] times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            _ = guest.Control.Wait(guest.Control.Offer(request, 24), TimeSpan.FromSeconds(30));
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }

    private static void Print(FormattableString line) =>
        TestContext.Current.TestOutputHelper?.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
