using System.Globalization;
using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>What each process is given, and that it is given nothing else.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class InheritanceTests
{
    [Theory]
    // In the order of the descriptors: standard streams, control, plugs, wires, and the journal.
    [InlineData("vmm-core", "pipe pipe pipe socket socket socket socket")]
    [InlineData("gpu-process", "null pipe pipe socket socket socket socket /memfd:splitvmm-gpu-journal")]
    [InlineData("display-process", "null pipe pipe socket socket socket socket")]
    public void Process_HasItsDescriptorsAndNoOther(string role, string kinds)
    {
        using var run = new StandInRun("vmm-core@running=exit:1");
        _ = run.WaitForExit();
        string[] found =
        [
            .. Entry().Matches(File.ReadAllText(run.Path(role + ".fds")))
                .Select(match => (Number: int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), Kind: match.Groups[2].Value))
                // The shell that lists them holds its script open above 9.
                .Where(entry => entry.Number < 10)
                .OrderBy(entry => entry.Number)
                .Select(entry => entry.Kind),
        ];
        Assert.Equal(kinds, string.Join(' ', found));
    }

    [Theory]
    [InlineData("vmm-core")]
    [InlineData("gpu-process")]
    [InlineData("display-process")]
    public void Process_LeadsItsOwnGroup(string role)
    {
        using var run = new StandInRun("vmm-core@running=exit:1");
        _ = run.WaitForExit();
        string group = File.ReadAllText(run.Path(role + ".group")).Split(' ')[0];
        Assert.Equal(run.Pid(role)!.Value.ToString(CultureInfo.InvariantCulture), group);
    }

    [Fact]
    public void Process_HearsItsOptions()
    {
        using var run = new StandInRun(
            "vmm-core@running=exit:1",
            "--initrd", "ramdisk", "--append", "quiet splash", "--memory", "1G", "--cpus", "4", "--gpu", "edid=off",
            "--frames", "pictures", "--vhost-user", "type=fs,path=/x");
        _ = run.WaitForExit();

        Assert.Equal(
            ["--kernel", "kernel", "--initrd", "ramdisk", "--append=quiet splash", "--memory", "1G", "--cpus", "4",
                "--serial", "stdio", "--vhost-user", "type=fs,path=/x",
                "--control-fd", "3", "--plug-fd", "4", "--vhost-user", "type=gpu,fd=5", "--input-fd", "6"],
            File.ReadAllLines(run.Path("vmm-core.arguments")));
        Assert.Equal(
            ["--gpu", "edid=off", "--control-fd", "3", "--plug-fd", "4", "--vhost-user-fd", "5", "--display-fd", "6", "--journal-fd", "7"],
            File.ReadAllLines(run.Path("gpu-process.arguments")));
        Assert.Equal(
            ["--backend", "headless", "--frames", "pictures", "--control-fd", "3", "--plug-fd", "4", "--display-fd", "5", "--input-fd", "6"],
            File.ReadAllLines(run.Path("display-process.arguments")));
    }

    [Fact]
    public void Serial_File_GetsTheConsole()
    {
        using var run = new StandInRun("vmm-core@running=exit:1", "--serial", "file:" + Path.GetTempPath() + "/splitvmm-serial-test");
        _ = run.WaitForExit();
        string path = Path.Combine(Path.GetTempPath(), "splitvmm-serial-test");
        string text = File.ReadAllText(path);
        File.Delete(path);
        Assert.Equal("guest: up\r\n", text);
    }

    [Fact]
    public void Serial_FileThatCannotBeOpened_IsOneLine()
    {
        string folder = Directory.CreateTempSubdirectory("splitvmm-test-").FullName;
        Directory.Delete(folder);
        using var run = new StandInRun("", "--serial", $"file:{folder}/file");
        RunResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith($"splitvmm: open on {folder}/file failed: No such file or directory", result.StandardError, StringComparison.Ordinal);
        Assert.Single(result.StandardError.TrimEnd('\n').Split('\n'));
    }

    [GeneratedRegex(@" (\d+) -> (?:/dev/)?(null|pipe|socket|\S+?)(?::\[\d+\])?(?: \(deleted\))?$", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
