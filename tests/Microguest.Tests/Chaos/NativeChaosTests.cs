using System.Diagnostics;
using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests.Chaos;

/// <summary>
/// gpu-process is killed, and hangs, while programs of DRM native contexts wait: for a fence of the GPU, and for the number in the
/// page that they share with the host. The GPU is one of software (tests/GpuSoftware); the guest checks every answer.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class NativeChaosTests
{
    private const string Gpu = "gpu-process";
    private const int Rounds = 12;

    // The managed program is slower to start than those that are installed.
    private const double HangTimeout = 3;

    private static readonly string[] s_strikes = ["killed", "killed twice", "hung (SIGSTOP)"];

    private static string Program => SourceTree.Path("out", "build", "bin", "SplitVmm.GpuSoftware", "release_linux-x64", "gpu-software");

    /// <summary>Of three rounds, one kills, one kills the next process too before it works, one stops.</summary>
    [Fact]
    public void Programs_OfNativeContexts_WaitForNothingAfterADeath()
    {
        Needs.Kvm();
        using var gpu = new ReplacedGpu(Program);
        string stuck = Path.Combine(gpu.Folder, "stuck");
        File.WriteAllText(stuck, "");
        var environment = new Dictionary<string, string>
        {
            ["SPLITVMM_LIBEXEC"] = gpu.Folder,
            ["GPU_SOFTWARE_DRIVER"] = "msm",
            ["GPU_SOFTWARE_STUCK"] = stuck,
        };
        using var machine = new ChaosMachine(HangTimeout, "native-chaos", ChaosGuest.OfNativeContexts(Rounds), environment, "--sandbox=off");
        List<double>[] times = [.. s_strikes.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            machine.WaitForEvent("native waiting", round + 1);
            File.Delete(stuck);
            long start = Stopwatch.GetTimestamp();
            int struck = machine.Strike(Gpu, round % s_strikes.Length == 2 ? ProcessFacts.SIGSTOP : ProcessFacts.SIGKILL);
            machine.SendKey('n');
            if (round % s_strikes.Length == 1)
            {
                _ = machine.WaitForSuccessor(Gpu, struck);
                _ = machine.Strike(Gpu, ProcessFacts.SIGKILL);
            }

            machine.WaitForEvent("native recovered", round + 1);
            times[round % s_strikes.Length].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            machine.WaitForEvent("native again", round + 1);
            File.WriteAllText(stuck, "");
            machine.SendKey('n');
        }

        Assert.Equal(0, machine.WaitForEnd());
        Assert.True(machine.Console.Contains("MG: done 1 0 0", StringComparison.Ordinal), $"{machine.Console}\n{machine.Errors}");
        foreach ((string what, List<double> samples) in s_strikes.Zip(times))
        {
            samples.Sort();
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"METRIC native context, gpu-process {what}: {samples.Count} times, until no program waits median {samples[samples.Count / 2]:0} ms, longest {samples[^1]:0} ms"));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"METRIC native context deaths: {machine.Causes}");
    }
}
