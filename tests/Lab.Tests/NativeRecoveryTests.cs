using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>gpu-process dies under Mesa's own native context, which is lost with it.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class NativeRecoveryTests(LabMachine lab)
{
    [Fact]
    public void Kmscube_WhoseContextIsLost_DoesNotHang_AndANewOneDraws()
    {
        lab.Start();
        LabMachine.BringSoftwareGpu();
        GuestRun run = new Guest("native-recovery", "native-recovery")
        {
            SoftwareGpu = "asahi",
            HasNativeMesa = true,
            Memory = "1536M",
            Options = "--gpu context-types=drm,blob=on,hostmem=256M --gpu-hang-timeout 60",
            OnRun = ["kill=until grep -q \"Rendered [0-9]* frames\" console.log; do sleep 0.2; done; pkill -KILL -x gpu-process; echo killed gpu-process"],
        }.RunUnderSplitVmm();

        Assert.Contains("native-recovery job ends", run.Console, StringComparison.Ordinal);
        Assert.Contains("Gpu device is served again", run.Console, StringComparison.Ordinal);
        Assert.Contains("1 contexts are lost", run.Console, StringComparison.Ordinal);
        string[] lines = run.Console.Split('\n');
        int killed = Array.FindIndex(lines, line => line.Contains("drive: killed gpu-process", StringComparison.Ordinal));
        int ended = Array.FindIndex(lines, line => line.Contains("out: kmscube ended with ", StringComparison.Ordinal));
        int end = Array.FindIndex(lines, line => line.Contains("out: a new kmscube ended with 0", StringComparison.Ordinal));
        Assert.True(0 < killed && killed < ended && ended < end, run.Console);

        // Mesa takes no notice: it goes on, unless it ends by itself. Either way its program waits for nothing.
        Assert.True(
            lines[killed..ended].Count(line => line.Contains("out: Rendered ", StringComparison.Ordinal)) > 1
            || !run.Console.Contains("kmscube was still there", StringComparison.Ordinal),
            run.Console);
        Assert.Contains("Rendered 99 frames", run.Console, StringComparison.Ordinal);

        // What is of the lost context is refused, and nothing else: streams, blobs and their mappings, flips. A resource whose
        // making was refused is not there when it is to end.
        Assert.Contains(lines[killed..ended], line => line.Contains("response 0x1200 (command 0x207)", StringComparison.Ordinal));
        Assert.All(lines.Where(line => line.Contains("*ERROR*", StringComparison.Ordinal)), line =>
            Assert.Matches(@"response 0x120[0-5] \(command 0x(10[4cd]|20[1-9])\)|response 0x1203 \(command 0x102\)", line));
        Assert.DoesNotContain(lines[ended..end], line => line.Contains("*ERROR*", StringComparison.Ordinal));
        Assert.DoesNotMatch("hung task|soft lockup|BUG:|Oops", run.Console);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }
}
