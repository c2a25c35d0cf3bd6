using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class VenusServerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("splitvmm-test-").FullName;

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("blob=on,hostmem=4G", false)]
    [InlineData("venus=off", false)]
    [InlineData("context-types=virgl2", false)]
    [InlineData("context-types=virgl2:venus", true)]
    [InlineData("blob=on,hostmem=4G,venus=on", true)]
    [InlineData("venus=true", true)]
    public void IsAskedFor_OfAGpuOption_IsWhatItSays(string? gpu, bool asked) => Assert.Equal(asked, VenusServer.IsAskedFor(gpu));

    [Fact]
    public void Require_WithoutTheServer_NamesItsPackage() => Assert.Matches(
        "venus=on needs virgl_render_server.*package virgl-server", Assert.Throws<HostUnfitException>(() => VenusServer.Require(_root)).Message);

    [Fact]
    public void Require_WithoutADriver_NamesAPackage()
    {
        Make("usr/libexec/virgl_render_server");
        // A driver for guests draws nothing here.
        Make("usr/share/vulkan/icd.d/virtio_icd.json");
        Assert.Matches("needs a Vulkan driver.*package mesa-vulkan-drivers", Assert.Throws<HostUnfitException>(() => VenusServer.Require(_root)).Message);
    }

    [Fact]
    public void Require_WithBoth_IsThePathInside()
    {
        Make("usr/lib/virgl_render_server");
        Make("etc/vulkan/icd.d/lvp_icd.x86_64.json");
        Assert.Equal("/usr/lib/virgl_render_server", VenusServer.Require(_root));
    }

    [Fact]
    public void Places_ByTheVariablesOfTheLibraries_AreThose()
    {
        var variables = new Dictionary<string, string> { ["RENDER_SERVER_EXEC_PATH"] = "/opt/server", ["VK_DRIVER_FILES"] = "/opt/a_icd.json:/opt/icd.d" };
        Assert.Equal(["/opt/server"], VenusServer.ProgramsFor(variables.GetValueOrDefault));
        Assert.Equal(["/opt/a_icd.json", "/opt/icd.d"], VenusServer.ManifestsFor(variables.GetValueOrDefault));
        Assert.Equal(VenusServer.Programs, VenusServer.ProgramsFor(_ => null));
        Assert.Equal(VenusServer.ManifestFolders, VenusServer.ManifestsFor(_ => null));
    }

    [Fact]
    public void Run_WithoutTheServer_FailsTheStartWithOneLine()
    {
        Directory.CreateDirectory(Path.Combine(_root, "usr"));
        RunResult run = ChildProgram.Run(
            Runs.StandInRun.SplitVmmProgram,
            ["run", "--kernel", "/nowhere", "--display", "none", "--gpu", "blob=on,hostmem=64M,venus=on", "--gpu-runtime", _root],
            TimeSpan.FromSeconds(60),
            new Dictionary<string, string> { ["SPLITVMM_LIBEXEC"] = SourceTree.Path("out", "dist", "bin") });
        Assert.Equal((ExitStatus.HostCannot, 1), (run.ExitStatus, run.StandardError.TrimEnd().Split('\n').Length));
        Assert.Contains("install the package virgl-server", run.StandardError, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Make(string path)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "");
    }
}
