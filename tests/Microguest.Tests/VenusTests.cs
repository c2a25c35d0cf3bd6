using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>Shared memory of Venus contexts in the host-visible window, with the server in its cage.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class VenusTests
{
    private static readonly string[] s_processes = ["vmm-core", "gpu-process", "display-process", "venus-server"];

    private const string Gpu = "blob=on,hostmem=256M,venus=on";

    public static TheoryData<string> Images => ["gpu-runtime-trixie", "gpu-runtime-forky"];

    [Theory]
    [MemberData(nameof(Images))]
    public void Window_WithMemoryOfTheServer_ShowsWhatIsMapped(string image)
    {
        MicroguestRun run = MicroguestRun.Of("blob venus count=5000", cpus: 2, gpu: Gpu, runtime: new GpuRuntime(image));
        Verdict.Passed(run);
        Assert.Contains("(virgl virgl2 venus)", run.Result.StandardError, StringComparison.Ordinal);
        Assert.Matches(@"venus-server: namespaces, \d+ system calls, Landlock \d", run.Result.StandardError);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Kill_OfEither_LosesTheContextAndTheNextWorks(string image)
    {
        var run = BlobLostRun.Of(
            "venus", Gpu, round => round % 2 == 0 ? "venus-server" : "gpu-process", "--gpu-runtime", new GpuRuntime(image).Root);
        run.Passed();

        // Both are new after each death, and neither stays behind.
        Assert.Equal(run.Kills + 1, run.Pids["venus-server"].Distinct().Count());
        Assert.Equal(run.Kills + 1, run.Pids["gpu-process"].Distinct().Count());
        Assert.All(run.Pids["venus-server"], pid => Assert.True(
            SpinWait.SpinUntil(() => !ProcessFacts.IsAlive(pid), TimeSpan.FromSeconds(10)), $"venus-server {pid} is left"));
    }

    [Fact]
    public void Processes_WithoutVenus_HaveNoServer()
    {
        MicroguestRun run = MicroguestRun.Of("blob count=10", gpu: "virgl=on,blob=on,hostmem=256M", runtime: new GpuRuntime());
        Verdict.Passed(run);
        Assert.DoesNotContain("venus", run.Transcript, StringComparison.Ordinal);
    }

    /// <summary>The kernel ends all of them, also those that stand still and hear of nothing.</summary>
    [Fact]
    public void Kill_OfSplitvmm_LeavesNobody()
    {
        Needs.Kvm();
        var runtime = new GpuRuntime();
        using var machine = new ChaosMachine(
            hangTimeout: 60, "venus-orphans", new ChaosGuest("test=chaos", Gpu), options: ["--gpu-runtime", runtime.Root]);
        machine.WaitUntilRunning();
        int[] pids = [.. s_processes.Select(machine.PidOf)];
        Assert.All(pids, pid => Assert.True(ProcessFacts.IsAlive(pid)));
        _ = machine.Strike("venus-server", ProcessFacts.SIGSTOP);
        _ = machine.Strike("gpu-process", ProcessFacts.SIGSTOP);
        Assert.True(ProcessFacts.Signal(machine.SupervisorPid, ProcessFacts.SIGKILL));
        Assert.True(
            SpinWait.SpinUntil(() => !pids.Any(ProcessFacts.IsAlive), TimeSpan.FromSeconds(10)),
            "left: " + string.Join(' ', s_processes.Zip(pids).Where(pair => ProcessFacts.IsAlive(pair.Second))));
    }
}
