using System.Diagnostics;
using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests.Chaos;

/// <summary>
/// Processes are killed at random moments under load, and stopped. The guest counts the answers to its commands and
/// checks each; every surface is compared now and then, and the picture after every death. The longer run is
/// <c>SPLITVMM_CHAOS=1000 ./run-tests --tier microguest --filter Chaos</c>.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class ChaosTests
{
    private const string Gpu = "gpu-process";
    private const string Display = "display-process";
    private const int Seed = 4;
    private const int WarmUp = 10;
    private const int VerifyEvery = 20;
    private const double HangTimeout = 1;

    private readonly Random _random = new(Seed);
    private readonly Dictionary<Attack, List<double>> _times = [];
    private int _wrongFrames;
    private int _surfaces;

    private enum Attack
    {
        KillGpu,
        KillDisplay,

        /// <summary>And the one that follows it, before it works.</summary>
        KillGpuTwice,
        StopGpu,
    }

    [Fact]
    public void Machine_ProcessesKilledUnderLoad_SurvivesEveryDeath()
    {
        Needs.Kvm();
        int kills = int.TryParse(Environment.GetEnvironmentVariable("SPLITVMM_CHAOS"), CultureInfo.InvariantCulture, out int wanted) ? wanted : 200;
        using var machine = new ChaosMachine(HangTimeout);
        machine.WaitUntilRunning();
        foreach (Attack attack in Plan(WarmUp))
        {
            Do(machine, attack);
        }

        _surfaces += machine.Verify();
        _times.Clear();
        (int Supervisor, int Core) descriptors = Descriptors(machine);
        (long Supervisor, long Core) memory = Memory(machine);
        int done = 0;
        foreach (Attack attack in Plan(kills))
        {
            Do(machine, attack);
            if (++done % VerifyEvery == 0)
            {
                _surfaces += machine.Verify();
                if (done % (kills / 2 / VerifyEvery * VerifyEvery) == 0)
                {
                    (long supervisor, long core) = Memory(machine);
                    Write($"METRIC chaos after {done} attacks: splitvmm {supervisor} KiB, vmm-core {core} KiB");
                }
            }
        }

        _surfaces += machine.Verify();
        (int Supervisor, int Core) descriptorsAfter = Descriptors(machine);
        (long Supervisor, long Core) memoryAfter = Memory(machine);
        int restarts = machine.RestartsOf(Gpu) + machine.RestartsOf(Display);
        int status = machine.End();
        Report(restarts, memory, memoryAfter);
        Write($"METRIC chaos deaths: {machine.Causes}");

        Assert.True(machine.Console.Contains("MG: done 1 0 0", StringComparison.Ordinal), machine.Console);
        Assert.Equal(0, status);
        Assert.Equal(descriptors, descriptorsAfter);
        Assert.InRange(memoryAfter.Core - memory.Core, long.MinValue, 4 << 10);
        Assert.InRange(memoryAfter.Supervisor - memory.Supervisor, long.MinValue, 16 << 10);
    }

    /// <summary>Per 200 kills of gpu-process, 20 of which are doubled, 100 of display-process and 20 stops; in a random order.</summary>
    private List<Attack> Plan(int kills)
    {
        List<Attack> plan =
        [
            .. Enumerable.Repeat(Attack.KillGpu, kills * 8 / 10),
            .. Enumerable.Repeat(Attack.KillGpuTwice, kills / 10),
            .. Enumerable.Repeat(Attack.KillDisplay, kills / 2),
            .. Enumerable.Repeat(Attack.StopGpu, kills / 10),
        ];
        for (int i = plan.Count - 1; i > 0; i--)
        {
            int other = _random.Next(i + 1);
            (plan[i], plan[other]) = (plan[other], plan[i]);
        }

        return plan;
    }

    private void Do(ChaosMachine machine, Attack attack)
    {
        string process = attack == Attack.KillDisplay ? Display : Gpu;
        Thread.Sleep(_random.Next(80));
        long start = Stopwatch.GetTimestamp();
        _ = machine.WaitForSuccessor(process, machine.Strike(process, attack == Attack.StopGpu ? ProcessFacts.SIGSTOP : ProcessFacts.SIGKILL));
        if (attack == Attack.KillGpuTwice)
        {
            Thread.Sleep(_random.Next(60));
            _ = machine.WaitForSuccessor(process, machine.Strike(process, ProcessFacts.SIGKILL));
        }

        machine.WaitUntilWorking(process);
        _wrongFrames += machine.WaitForCorrectFrame(DateTime.UtcNow);
        if (!_times.TryGetValue(attack, out List<double>? times))
        {
            _times[attack] = times = [];
        }

        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private void Report(int restarts, (long Supervisor, long Core) before, (long Supervisor, long Core) after)
    {
        foreach ((Attack attack, List<double> times) in _times.OrderBy(entry => entry.Key))
        {
            times.Sort();
            Write($"METRIC chaos {attack}: {times.Count} times, to the next correct frame p50 {At(times, 0.5):0} ms, p99 {At(times, 0.99):0} ms");
        }

        Write($"METRIC chaos restarts {restarts}, surfaces compared {_surfaces}, pictures drawn while memory was half old {_wrongFrames}");
        Write($"METRIC chaos memory splitvmm {before.Supervisor} to {after.Supervisor} KiB, vmm-core {before.Core} to {after.Core} KiB");
    }

    private static double At(List<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];

    private static void Write(FormattableString line) =>
        TestContext.Current.TestOutputHelper!.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static (int Supervisor, int Core) Descriptors(ChaosMachine machine) =>
        (ProcessFacts.Descriptors(machine.SupervisorPid), ProcessFacts.Descriptors(machine.PidOf("vmm-core")));

    private static (long Supervisor, long Core) Memory(ChaosMachine machine) =>
        (ProcessFacts.AnonymousKiB(machine.SupervisorPid), ProcessFacts.AnonymousKiB(machine.PidOf("vmm-core")));
}
