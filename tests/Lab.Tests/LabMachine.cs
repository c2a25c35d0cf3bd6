using SplitVmm.Harness;
using Xunit;

[assembly: AssemblyFixture(typeof(SplitVmm.Lab.Tests.LabMachine))]

namespace SplitVmm.Lab.Tests;

/// <summary>
/// The lab that all tests of this assembly share: booted by the first that asks, ended after the last. The four
/// programs and the guest image lie in it under <c>/home/user</c>.
/// </summary>
public sealed class LabMachine : IDisposable
{
    // The lab's own kernel died now and then while the lab had two CPUs (docs/testing.md). No guest and no monitor can be
    // the cause, for both are ordinary processes there.
    private const int Retries = 2;

    private static readonly TimeSpan BootTime = TimeSpan.FromMinutes(30);

    private readonly Lock _starting = new();
    private bool _started;
    private string? _whyNot;

    /// <summary>Boots the lab unless it runs; skips the test where that is not possible.</summary>
    public void Start()
    {
        lock (_starting)
        {
            if (!_started && _whyNot is null)
            {
                _whyNot = TryStart();
                _started = _whyNot is null;
            }
        }

        if (_whyNot is not null)
        {
            Assert.Skip(_whyNot);
        }
    }

    /// <summary>Runs a shell script in the lab as the ordinary user.</summary>
    public static RunResult Run(string script, TimeSpan timeout, params string[] transfers) => LabCommand(
        [
            "run", "--keep", .. transfers,
            "--timeout", ((int)timeout.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture),
            "--", "bash", "-c", script,
        ],
        timeout + BootTime);

    /// <summary>The same as root, for what changes the lab itself.</summary>
    public static RunResult RunAsRoot(string script, TimeSpan timeout) =>
        LabCommand(["run", "--keep", "--user", "root", "--", "bash", "-c", script], timeout);

    /// <summary>Makes the folder dist-software in the lab, whose gpu-process is on a GPU of software (<c>packaging/build gpu-software</c>).</summary>
    public static void BringSoftwareGpu()
    {
        RunResult brought = Run("cd && /repo/tests/GpuSoftware/install dist /repo/out/dist/test/gpu-software dist-software", TimeSpan.FromMinutes(2));
        if (brought.ExitStatus != 0)
        {
            throw new InvalidOperationException($"the GPU of software could not be brought into the lab: {brought.StandardError}");
        }
    }

    /// <summary>Does something in the lab, and once more in a new one if the lab itself died under it.</summary>
    /// <param name="what">For the report.</param>
    /// <param name="attempt">From the beginning: nothing is left of the former lab.</param>
    public static RunResult Persist(string what, Func<RunResult> attempt)
    {
        for (int left = Retries; ; left--)
        {
            RunResult result = attempt();
            if (left == 0 || !Died(result))
            {
                return result;
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"METRIC lab died under {what}, started again: {result.StandardError.Trim()}");
            Revive();
        }
    }

    /// <summary>Whether the lab itself, and not what ran in it, brought the run to its end.</summary>
    private static bool Died(RunResult result) =>
        result.StandardError.Contains("closed by remote host", StringComparison.Ordinal)
        || result.StandardError.Contains("the lab does not answer any more", StringComparison.Ordinal)
        || result.StandardError.Contains("the lab's QEMU ended", StringComparison.Ordinal)
        || result.StandardError.Contains("Connection timed out", StringComparison.Ordinal);

    /// <summary>A new lab in place of one that died.</summary>
    /// <exception cref="InvalidOperationException">There is none to be had.</exception>
    private static void Revive()
    {
        LabCommand(["down"], TimeSpan.FromMinutes(2));
        if (TryStart() is { } reason)
        {
            throw new InvalidOperationException(reason);
        }
    }

    public void Dispose()
    {
        if (_started)
        {
            LabCommand(["down"], TimeSpan.FromMinutes(2));
        }
    }

    private static string? TryStart()
    {
        string guest = Path.GetFileName(Needs.Image("guest"));
        RunResult up = LabCommand(["up"], BootTime);
        if (up.ExitStatus != 0)
        {
            return $"no lab on this machine: {up.StandardError.Trim()}";
        }

        // A lab whose kernel has lost a thread ends at once, rather than hang.
        LabCommand(["run", "--keep", "--user", "root", "--", "sysctl", "-qw", "kernel.panic_on_oops=1"], BootTime);

        // Copies, because a program read over the lab's file share at every start would be measured along with it.
        RunResult copied = Run(
            $"""
            set -e; cd; rm -rf dist dist-software scripts jobs guest out; mkdir -p out guest
            cp -r /repo/out/dist/bin dist; cp -r /repo/tests/Lab.Tests/scripts /repo/tests/Lab.Tests/jobs .
            cp /images/{guest}/vmlinux /images/{guest}/bzImage /images/{guest}/initrd.cpio guest
            """,
            TimeSpan.FromMinutes(5));
        return copied.ExitStatus == 0
            ? null
            : throw new InvalidOperationException($"the programs could not be brought into the lab: {copied.StandardError}");
    }

    private static RunResult LabCommand(IEnumerable<string> arguments, TimeSpan timeout) =>
        ChildProgram.Run(SourceTree.Path("packaging", "lab"), arguments, timeout);
}
