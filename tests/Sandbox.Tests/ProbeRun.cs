using System.Collections.Concurrent;
using System.Globalization;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using Xunit;

namespace SplitVmm.Sandbox.Tests;

/// <summary>The probe (tests/SandboxProbe) in the cage of one of the processes, or in none.</summary>
internal static class ProbeRun
{
    private static readonly ConcurrentDictionary<string, ProbeOutcome> s_outside = new();

    /// <summary>An attempt without any cage, once for all tests.</summary>
    public static ProbeOutcome Outside(string attempt) => s_outside.GetOrAdd(attempt, name =>
    {
        RunResult result = ChildProgram.Run(Program(), Arguments(name), TimeSpan.FromSeconds(30));
        return new ProbeOutcome(result.StandardOutput, new ExitStatus(result.ExitStatus, 0));
    });

    /// <summary>The same in a cage, started as the supervisor starts the process.</summary>
    /// <param name="whileItRuns">Called with the number of the process once it is locked down.</param>
    public static ProbeOutcome Inside(ProcessRole role, string attempt, Action<int>? whileItRuns = null)
    {
        using CageSet cages = Cages();
        using Descriptor nothing = OpenFile.Null();
        Pipe output = Pipe.Create();
        using Descriptor readEnd = output.ReadEnd;
        ChildProcess child;
        using (output.WriteEnd)
        {
            var request = new SpawnRequest(Program(), Arguments(attempt), [nothing, output.WriteEnd, output.WriteEnd]);
            child = cages.Start(role, request, ShippedPolicies.Of(role), request.Path);
        }

        using (child)
        {
            string text = Read(readEnd, whileItRuns is null ? null : "state ");
            if (whileItRuns is not null)
            {
                whileItRuns(child.Pid);
                child.KillGroup();
            }

            return new ProbeOutcome(text, child.Reap(TimeSpan.FromSeconds(30)));
        }
    }

    /// <summary>The cages of a machine with default options; the test is skipped where this host cannot make them.</summary>
    private static CageSet Cages()
    {
        _ = Needs.Program("bwrap", "bubblewrap");
        CageSet cages = CageSet.Create(new RunOptions
        {
            Kernel = "/nowhere/kernel",
            Display = new DisplayChoice(DisplayBackend.Headless),
            Grace = TimeSpan.FromSeconds(1),
        })!;
        Assert.SkipUnless(cages.Missing.Count == 0, string.Join("; ", cages.Missing));
        return cages;
    }

    private static string Program()
    {
        string path = SourceTree.Path("out", "dist", "test", "sandbox-probe");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: run packaging/build sandbox-probe first", path);
    }

    private static string[] Arguments(string attempt) => [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), attempt];

    private static unsafe string Read(Descriptor pipe, string? until)
    {
        var text = new System.Text.StringBuilder();
        byte* buffer = stackalloc byte[4096];
        // The buffer of this frame; the kernel writes at most its size.
        while (Libc.read(pipe.Number, buffer, 4096) is var count and > 0)
        {
            _ = text.Append(System.Text.Encoding.UTF8.GetString(buffer, (int)count));
            if (until is not null && text.ToString().Contains(until, StringComparison.Ordinal))
            {
                break;
            }
        }

        return text.ToString();
    }
}

/// <summary>What became of an attempt.</summary>
/// <param name="Text">All that the probe printed.</param>
/// <param name="Exit">How it ended.</param>
internal sealed record ProbeOutcome(string Text, ExitStatus Exit)
{
    private const int SIGSYS = 31;

    /// <summary>The filter ended the process.</summary>
    public bool WasKilled => Exit.Signal == SIGSYS;

    /// <summary>What the kernel said; null if the probe did not live to tell.</summary>
    public long? Result => Find("result ") is { } words ? long.Parse(words[0], CultureInfo.InvariantCulture) : null;

    /// <summary>System calls, Landlock version, whether no code can be made.</summary>
    public string[]? State => Find("state ");

    public override string ToString() => WasKilled ? "killed by SIGSYS" : $"{Exit}, result {Result}: {Text.ReplaceLineEndings(" | ")}";

    private string[]? Find(string key) => Text.Split('\n')
        .Where(line => line.StartsWith(key, StringComparison.Ordinal))
        .Select(line => line[key.Length..].Split(' '))
        .FirstOrDefault();
}
