using System.Text.Json;
using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>What 65536 random maps and unmaps leave behind in the processes: nothing.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class BlobLeakTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly string[] s_processes = ["splitvmm", "vmm-core", "gpu-process", "display-process"];

    [Fact]
    public void Window_MappedAtRandom_LeavesNoDescriptorMappingOrMemory()
    {
        Needs.Kvm();
        using var program = ChildProgram.Start(
            SourceTree.Executable("splitvmm"),
            [
                "run", "--json", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"), "--append", "test=blob hold=key",
                "--memory", "512M", "--cpus", "2", "--gpu", "virgl=off,blob=on,hostmem=256M",
                "--display", "headless", "--frames", SourceTree.OutputFolder("blob-leaks"),
            ],
            // Garbage is collected often, so that what grows is what is kept.
            new Dictionary<string, string> { ["DOTNET_GCgen0size"] = "200000" });
        Pass("MG: picture blob-guest", program);
        Pass("MG: picture blob-host", program);
        WaitFor("MG: event blob random begins", program);
        Footprint[] before = Measure(program);
        program.WriteLine("");
        WaitFor("MG: event blob random done", program);
        Footprint[] after = Measure(program);
        program.WriteLine("");

        RunResult result = program.WaitForExit(s_limit);
        Assert.True(result.ExitStatus == 0 && result.StandardOutput.Contains("MG: done 1 0 0", StringComparison.Ordinal), result.StandardOutput);
        Assert.Equal(0, Events(result.StandardOutput)[^1].GetProperty("windowRepairs").GetInt32());
        for (int i = 0; i < s_processes.Length; i++)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"METRIC blob leaks {s_processes[i]} {before[i]} -> {after[i]}");
            Assert.Equal(before[i].Descriptors, after[i].Descriptors);
            // The runtime's heap may move; 65536 of anything would show.
            Assert.InRange(after[i].Mappings, 0, before[i].Mappings + 32);
            Assert.InRange(after[i].AnonymousKiB, 0, before[i].AnonymousKiB + 8192);
        }
    }

    private static void Pass(string text, ChildProgram program)
    {
        WaitFor(text, program);
        program.WriteLine("");
    }

    private static void WaitFor(string text, ChildProgram program) =>
        Assert.True(program.WaitForOutput(text, s_limit), $"{program.StandardOutput}\n{program.StandardError}");

    private static Footprint[] Measure(ChildProgram program)
    {
        Dictionary<string, int> pids = Events(program.StandardOutput)
            .Where(news => news.GetProperty("event").GetString() == "process" && news.GetProperty("state").GetString() == "starting")
            .ToDictionary(news => news.GetProperty("process").GetString()!, news => news.GetProperty("pid").GetInt32());
        pids["splitvmm"] = program.Pid;
        return [.. s_processes.Select(process => Footprint.Of(pids[process]))];
    }

    private static JsonElement[] Events(string output) =>
        [.. output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];

    private readonly record struct Footprint(int Descriptors, int Mappings, long AnonymousKiB)
    {
        public static Footprint Of(int pid) =>
            new(ProcessFacts.Descriptors(pid), File.ReadLines($"/proc/{pid}/maps").Count(), ProcessFacts.AnonymousKiB(pid));
    }
}
