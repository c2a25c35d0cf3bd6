using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>gpu-process is killed while the guest has its memory mapped and looks at it.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class BlobRecoveryTests
{
    private const int Rounds = 20;

    [Fact]
    public void Kill_WhileMapped_EmptiesTheWindowAndTheGuestGoesOn()
    {
        Needs.Kvm();
        string frames = SourceTree.OutputFolder("bloblost");
        var start = new ProcessStartInfo(SourceTree.Executable("splitvmm"),
        [
            "run", "--json", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"),
            "--append", $"test=bloblost rounds={Rounds}", "--memory", "256M", "--gpu", "virgl=off,blob=on,hostmem=64M",
            "--display", "headless", "--frames", frames, "--crash-quota", "1000/60,max-delay=0",
        ])
        { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        var console = new StringBuilder();
        int pid = 0;
        int seen = 0;
        int kills = 0;
        int status = -1;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement news = document.RootElement;
            switch (news.GetProperty("event").GetString())
            {
                case "process" when news.GetProperty("state").GetString() == "starting" && news.GetProperty("process").GetString() == "gpu-process":
                    pid = news.GetProperty("pid").GetInt32();
                    break;
                case "console":
                    _ = console.Append(news.GetProperty("text").GetString());
                    // A line may come in pieces.
                    while (console.ToString().IndexOf("MG: event blob mapped", seen, StringComparison.Ordinal) is >= 0 and var at)
                    {
                        seen = at + 1;
                        kills++;
                        Assert.True(ProcessFacts.Signal(pid, ProcessFacts.SIGKILL), console.ToString());
                    }

                    break;
            }
        }

        process.WaitForExit();
        status = process.ExitCode;
        Assert.True(console.ToString().Contains("MG: done 1 0", StringComparison.Ordinal), console.ToString());
        Assert.Equal((0, Rounds), (status, kills));
        Assert.Equal((320, 200), Picture.TryRead(Path.Combine(frames, "latest.png")) is { } picture ? (picture.Width, picture.Height) : default);
    }
}
