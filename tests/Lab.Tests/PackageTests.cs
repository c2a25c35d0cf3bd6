using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// The Debian package in a Debian with systemd and a session bus: installed by root, used by a user through the bus, and
/// purged.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed partial class PackageTests(LabMachine lab)
{
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(15);

    [Fact]
    public void Package_InstalledUsedAndPurged_LeavesNothing()
    {
        lab.Start();
        RunResult built = ChildProgram.Run(SourceTree.Path("packaging", "deb"), ["--quiet"], TimeSpan.FromMinutes(30));
        Assert.True(built.ExitStatus == 0, built.StandardError);
        string package = "/repo/" + Path.GetRelativePath(SourceTree.Root, built.StandardOutput.Trim());
        string pictures = SourceTree.OutputFolder("package");

        RunResult installed = LabMachine.RunAsRoot($"dpkg -i {package} && command -v splitvmm", Enough);
        Assert.True(installed.ExitStatus == 0, installed.StandardOutput + installed.StandardError);
        // The same again, as an upgrade does it.
        Assert.Equal(0, LabMachine.RunAsRoot($"dpkg -i {package}", Enough).ExitStatus);

        RunResult used = LabMachine.Run("/repo/tests/Lab.Tests/scripts/package", Enough, "--pull", $"out/package/shot.png:{pictures}/shot.png");
        string said = used.StandardOutput;
        Assert.SkipWhen(LabMachine.Died(used), "the lab died, which is not the package's fault (docs/testing.md)");
        Assert.True(used.ExitStatus == 0, said + used.StandardError);
        Assert.Contains("= unit: active", said, StringComparison.Ordinal);
        Assert.Contains("= mode: s \"3d\" s \"memfd\"", said, StringComparison.Ordinal);
        // Killed, and activated again by the next call.
        Assert.Contains("\"debian\" \"Debian in the lab\" \"running\"", said, StringComparison.Ordinal);
        Assert.Contains("= crashes: u 1, restarts: u 1", said, StringComparison.Ordinal);
        Assert.Contains("= lines while paused: 0", said, StringComparison.Ordinal);
        Match clock = Clock().Match(said);
        Assert.True(clock.Success, said);
        // What the guest's clock was behind before, give or take the seconds that a line takes to come.
        Assert.InRange(int.Parse(clock.Groups[2].Value, null) - int.Parse(clock.Groups[1].Value, null), -5, 5);
        Assert.Contains("= left: 0 processes, 0 files", said, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine("METRIC " + Exposure().Match(said).Value);
        // A picture of a cube has more than a text console's handful of colours.
        Assert.True(Picture.Load($"{pictures}/shot.png").CountDistinctColours() > 100);

        RunResult purged = LabMachine.RunAsRoot(
            "dpkg -P splitvmm && find / -xdev -path /proc -prune -o -iname '*splitvmm*' -print | grep -v -e ^/home/ -e ^/repo -e ^/etc/host -e splitvmm-lab || true", Enough);
        Assert.Equal(0, purged.ExitStatus);
        Assert.DoesNotContain("\n/", purged.StandardOutput, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"= clock: (-?\d+) s behind before, (-?\d+) s after a pause of 60 s")]
    private static partial Regex Clock();

    [GeneratedRegex("exposure: .*")]
    private static partial Regex Exposure();
}
