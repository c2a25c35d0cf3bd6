using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Peers.Tests.Packages;

/// <summary>The Debian package as the checkers of others see it.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class DebianPackageTests
{
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(30);
    private static readonly string s_desktop = SourceTree.Path("packaging", "desktop");

    [Fact]
    public void Package_IsCleanForLintian()
    {
        string lintian = Needs.Program("lintian", "lintian");
        RunResult result = ChildProgram.Run(lintian, ["--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", Build()], Enough);
        Assert.Equal((0, ""), (result.ExitStatus, result.StandardOutput));
    }

    [Fact]
    public void Package_BuiltTwice_IsTheSame()
    {
        byte[] first = File.ReadAllBytes(Build());
        Assert.Equal(first, File.ReadAllBytes(Build()));
    }

    [Fact]
    public void Package_DependsOnWhatIsLoaded()
    {
        string depends = ChildProgram.Run(Needs.Program("dpkg-deb", "dpkg"), ["--field", Build(), "Depends"], Enough).StandardOutput;
        Assert.All((string[])["libc6 (>= ", "libseccomp2", "bubblewrap", "libsdl2-2.0-0"], package => Assert.Contains(package, depends, StringComparison.Ordinal));
        Assert.DoesNotContain("$", depends, StringComparison.Ordinal);
    }

    [Fact]
    public void DesktopEntry_IsValid()
    {
        RunResult result = ChildProgram.Run(
            Needs.Program("desktop-file-validate", "desktop-file-utils"), [Path.Combine(s_desktop, "org.splitvmm.SplitVmm.desktop")], Enough);
        Assert.Equal((0, ""), (result.ExitStatus, result.StandardOutput + result.StandardError));
    }

    [Fact]
    public void Metainfo_IsValid()
    {
        RunResult result = ChildProgram.Run(
            Needs.Program("appstreamcli", "appstream"), ["validate", "--no-net", Path.Combine(s_desktop, "org.splitvmm.SplitVmm.metainfo.xml")], Enough);
        Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
    }

    [Fact]
    public void Unit_IsHardened()
    {
        string unit = Path.Combine(s_desktop, "org.splitvmm.SplitVmm.service");
        RunResult result = ChildProgram.Run(
            Needs.Program("systemd-analyze", "systemd"), ["security", "--user", "--offline=true", "--no-pager", unit], Enough,
            new Dictionary<string, string> { ["XDG_RUNTIME_DIR"] = "/tmp" });
        Match exposure = Regex.Match(result.StandardOutput, @"Overall exposure level for \S+: (.*)");
        Assert.True(exposure.Success, result.StandardOutput + result.StandardError);
        TestContext.Current.TestOutputHelper!.WriteLine($"METRIC exposure of the user unit by systemd-analyze: {exposure.Groups[1].Value}");
    }

    private static string Build()
    {
        RunResult result = ChildProgram.Run(SourceTree.Path("packaging", "deb"), ["--quiet"], Enough);
        Assert.True(result.ExitStatus == 0, result.StandardError);
        return result.StandardOutput.Trim();
    }
}
