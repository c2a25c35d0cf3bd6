using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>The microguest's <c>bloblost</c>: each time that it has memory of the GPU mapped, a process is killed.</summary>
internal sealed class BlobLostRun
{
    private const int Rounds = 20;

    private readonly StringBuilder _console = new();
    private readonly StringBuilder _notices = new();

    private BlobLostRun(string frames) => Frames = frames;

    public string Frames { get; }

    public int Kills { get; private set; }

    public int Status { get; private set; } = -1;

    /// <summary>The numbers that each process of a name has had, in order.</summary>
    public Dictionary<string, List<int>> Pids { get; } = [];

    /// <param name="words">Further words for the guest.</param>
    /// <param name="gpu">The value of <c>--gpu</c>.</param>
    /// <param name="victim">Name of the process to kill, by round.</param>
    public static BlobLostRun Of(string words, string gpu, Func<int, string> victim, params string[] arguments)
    {
        Needs.Kvm();
        var run = new BlobLostRun(SourceTree.OutputFolder($"bloblost{words}"));
        var start = new ProcessStartInfo(SourceTree.Executable("splitvmm"),
        [
            "run", "--json", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"),
            "--append", $"test=bloblost rounds={Rounds} {words}", "--memory", "256M", "--gpu", gpu,
            "--display", "headless", "--frames", run.Frames, "--crash-quota", "1000/60,max-delay=0", .. arguments,
        ])
        { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        int seen = 0;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            run.Take(document.RootElement);
            // A line may come in pieces.
            while (run._console.ToString().IndexOf("MG: event blob mapped", seen, StringComparison.Ordinal) is >= 0 and var at)
            {
                seen = at + 1;
                Assert.True(ProcessFacts.Signal(run.Pids[victim(run.Kills++)][^1], ProcessFacts.SIGKILL), run.Transcript);
            }
        }

        process.WaitForExit();
        run.Status = process.ExitCode;
        return run;
    }

    public string Transcript => $"{_console}\n{_notices}";

    /// <summary>The guest found everything as it should be after each death, and its picture is shown.</summary>
    public void Passed()
    {
        Assert.True(_console.ToString().Contains("MG: done 1 0", StringComparison.Ordinal), Transcript);
        Assert.Equal((0, Rounds), (Status, Kills));
        Assert.Equal((320, 200), Picture.TryRead(Path.Combine(Frames, "latest.png")) is { } picture ? (picture.Width, picture.Height) : default);
    }

    private void Take(JsonElement news)
    {
        switch (news.GetProperty("event").GetString())
        {
            case "process" when news.GetProperty("state").GetString() == "starting":
                string name = news.GetProperty("process").GetString()!;
                Pids.TryAdd(name, []);
                Pids[name].Add(news.GetProperty("pid").GetInt32());
                break;
            case "console":
                _ = _console.Append(news.GetProperty("text").GetString());
                break;
            case "notice" or "recovery":
                _ = _notices.AppendLine(news.GetProperty("text").GetString());
                break;
        }
    }
}
