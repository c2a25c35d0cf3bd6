using System.Text;
using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// The Debian package in a Debian with systemd and a session bus: installed by root, used by a user through the bus and by its desktop
/// entry, upgraded under a running machine, and purged.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed partial class PackageTests(LabMachine lab)
{
    /// <summary>The same programs, packaged as the version before.</summary>
    private const string Older = "0.0.1";

    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(15);

    [Fact]
    public void Package_InstalledUpgradedUsedAndPurged_LeavesNothing()
    {
        lab.Start();
        string older = Build("--version", Older);
        string package = Build();
        string pictures = SourceTree.OutputFolder("package");

        RunResult used = LabMachine.Persist("package", () => InOrder(
            () => LabMachine.RunAsRoot($"dpkg -i {older} && command -v splitvmm", Enough),
            () => Script("install"),
            () => LabMachine.RunAsRoot($"dpkg -i {package}", Enough),
            () => Script("use", "--pull", $"out/package/.:{pictures}"),
            () => LabMachine.RunAsRoot(
                "dpkg -P splitvmm && find / -xdev -path /proc -prune -o -iname '*splitvmm*' -printf 'after the purge: %p\n' | grep -v -e ' /home/' -e ' /repo' -e ' /etc/host' -e splitvmm-lab || true", Enough)));
        string said = used.StandardOutput;
        Assert.True(used.ExitStatus == 0, said + used.StandardError);
        Assert.Contains("= unit: active", said, StringComparison.Ordinal);
        Assert.Contains("= mode: s \"3d\" s \"memfd\"", said, StringComparison.Ordinal);
        // The machine that ran goes on, and its definition is there.
        Assert.Contains($" over ({Older})", said, StringComparison.Ordinal);
        Match kept = Kept().Match(said);
        Assert.True(kept.Success && kept.Groups[1].Value == kept.Groups[2].Value, said);
        Assert.Contains("= defined: debian", said, StringComparison.Ordinal);
        // Killed, and activated again by the next call.
        Assert.Contains("\"debian\" \"Debian in the lab\" \"running\"", said, StringComparison.Ordinal);
        Assert.Contains("= crashes: u 1, restarts: u 1", said, StringComparison.Ordinal);
        Assert.Contains("= lines while paused: 0", said, StringComparison.Ordinal);
        Match clock = Clock().Match(said);
        Assert.True(clock.Success, said);
        // What the guest's clock was behind before, give or take the seconds that a line takes to come.
        Assert.InRange(int.Parse(clock.Groups[2].Value, null) - int.Parse(clock.Groups[1].Value, null), -5, 5);
        Assert.Contains("= left: 0 processes, 0 files", said, StringComparison.Ordinal);
        Assert.Contains("= launched twice: 1 window, the same machine: yes", said, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine("METRIC " + Exposure().Match(said).Value);
        // The cube, in the window after both ways to start it, and as the guest has it.
        Assert.All((string[])["shot", "window", "launched"], name => Assert.True(Picture.Load($"{pictures}/{name}.png").CountDistinctColours() > 100, name));
        Assert.DoesNotContain("after the purge:", said, StringComparison.Ordinal);
    }

    /// <summary>Builds the package; returns where the lab sees it.</summary>
    private static string Build(params string[] options)
    {
        RunResult built = ChildProgram.Run(SourceTree.Path("packaging", "deb"), ["--quiet", .. options], TimeSpan.FromMinutes(30));
        Assert.True(built.ExitStatus == 0, built.StandardError);
        return "/repo/" + Path.GetRelativePath(SourceTree.Root, built.StandardOutput.Trim());
    }

    private static RunResult Script(string part, params string[] transfers) =>
        LabMachine.Run($"/repo/tests/Lab.Tests/scripts/package {part}", Enough, transfers);

    /// <summary>One after the other as long as they succeed; all that was said, with the end of the last.</summary>
    private static RunResult InOrder(params Func<RunResult>[] steps)
    {
        var said = new StringBuilder();
        RunResult result = new(0, "", "");
        foreach (Func<RunResult> step in steps)
        {
            result = step();
            said.Append(result.StandardOutput);
            if (result.ExitStatus != 0)
            {
                break;
            }
        }

        return result with { StandardOutput = said.ToString() };
    }

    [GeneratedRegex(@"= before: (\d+)\n(?:.*\n)*?= after: (\d+)\n")]
    private static partial Regex Kept();

    [GeneratedRegex(@"= clock: (-?\d+) s behind before, (-?\d+) s after a pause of 60 s")]
    private static partial Regex Clock();

    [GeneratedRegex("exposure: .*")]
    private static partial Regex Exposure();
}
