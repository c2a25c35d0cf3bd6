using System.Diagnostics;
using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests.Hostile;

/// <summary>
/// gpu-process in the hands of the guest, without its cage: vmm-core, display-process and splitvmm live through each attack,
/// and the machine draws right pictures with the next gpu-process.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class HostileGpuTests
{
    private const double HangTimeout = 1;
    private const string Journal = "journal:";
    /// <summary>KiB that a peer may have grown by after all attacks.</summary>
    private const int MemoryLimit = 48 << 10;

    /// <summary>Descriptors of all peers together; some are opened at first use. Far fewer than there are attacks.</summary>
    private const int DescriptorLimit = 8;

    [Fact]
    public void Peers_AttackedOverTheirWires_LiveAndGoOn()
    {
        Needs.Kvm();
        Attack(name => !name.StartsWith(Journal, StringComparison.Ordinal), (machine, name) =>
        {
            _ = machine.WaitForCorrectFrame(DateTime.UtcNow);
            Assert.True(machine.Verify() > 0, name);
        });
    }

    /// <summary>What the guest had in its surfaces may be lost; a process that serves it is not.</summary>
    [Fact]
    public void NextGpuProcess_WithAHostileJournal_Serves()
    {
        Needs.Kvm();
        Attack(name => name.StartsWith(Journal, StringComparison.Ordinal), (_, _) => { });
    }

    private static void Attack(Func<string, bool> isMeant, Action<ChaosMachine, string> check)
    {
        using var gpu = new HostileGpu();
        string[] attacks = HostileGpu.Attacks();
        using var machine = new ChaosMachine(HangTimeout, "hostile", ChaosGuest.Drawing, gpu.Environment, "--sandbox=off");
        machine.WaitUntilRunning();
        Facts before = Facts.Of(machine);
        for (int i = 0; i < attacks.Length; i++)
        {
            if (!isMeant(attacks[i]))
            {
                continue;
            }

            var clock = Stopwatch.StartNew();
            string Progress() => $"attack '{attacks[i]}'; console:\n{machine.Console}\nerrors:\n{machine.Errors}";
            gpu.Prepare(i);
            Assert.True(ProcessFacts.Signal(machine.PidOf("gpu-process"), ProcessFacts.SIGKILL), Progress());
            gpu.WaitForLife((i * 2) + 3, Progress);
            machine.WaitUntilWorking("gpu-process");
            check(machine, attacks[i]);

            var after = Facts.Of(machine);
            Write($"METRIC hostile gpu-process, {attacks[i]}: {clock.Elapsed.TotalSeconds:0.0} s, {after}");
            Assert.True((i * 2) + 3 == gpu.Lives, $"the real gpu-process died: {Progress()}");
            Assert.True(before.SamePeers(after), Progress());
        }

        var end = Facts.Of(machine);
        Assert.InRange(end.CoreKiB - before.CoreKiB, long.MinValue, MemoryLimit);
        Assert.InRange(end.DisplayKiB - before.DisplayKiB, long.MinValue, MemoryLimit);
        Assert.InRange(end.SupervisorKiB - before.SupervisorKiB, long.MinValue, MemoryLimit);
        // What one of them closed late at the beginning is missing here.
        Assert.InRange(end.Descriptors - before.Descriptors, int.MinValue, DescriptorLimit);
        Assert.Equal(0, machine.End());
    }

    private static void Write(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private sealed record Facts(int Core, int Display, long CoreKiB, long DisplayKiB, long SupervisorKiB, int Descriptors)
    {
        public static Facts Of(ChaosMachine machine)
        {
            int core = machine.PidOf("vmm-core");
            int display = machine.PidOf("display-process");
            int supervisor = machine.SupervisorPid;
            return new Facts(
                core, display, ProcessFacts.AnonymousKiB(core), ProcessFacts.AnonymousKiB(display), ProcessFacts.AnonymousKiB(supervisor),
                ProcessFacts.Descriptors(core) + ProcessFacts.Descriptors(display) + ProcessFacts.Descriptors(supervisor));
        }

        public bool SamePeers(Facts other) => (Core, Display) == (other.Core, other.Display);

        public override string ToString() => $"vmm-core {CoreKiB} KiB, display-process {DisplayKiB} KiB, splitvmm {SupervisorKiB} KiB, descriptors {Descriptors}";
    }
}
