using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

[Trait("Tier", Tiers.Unit)]
public sealed class JsonTests
{
    [Fact]
    public void Json_EveryLine_IsAnEvent()
    {
        using var run = new StandInRun("", "--json");
        run.WaitForGuest();
        RunResult result = run.PowerOff();
        JsonElement[] events = Parse(result);

        Assert.Equal("", result.StandardError);
        Assert.All(events, e => Assert.True(e.GetProperty("seconds").GetDouble() >= 0));
        Assert.Contains(events, e => Is(e, "console") && e.GetProperty("text").GetString() == "guest: up\r\n");
        Assert.Contains(events, e => Is(e, "renderer") && e.GetProperty("renderer").GetString() == "stand-in [2J pipe");
        Assert.Contains(events, e => Is(e, "first-frame") && !e.GetProperty("accelerated").GetBoolean());
        Assert.Equal(3, events.Count(e => Is(e, "process") && e.GetProperty("state").GetString() == "ended"));
        JsonElement last = events[^1];
        Assert.True(Is(last, "ended"));
        Assert.Equal(0, last.GetProperty("status").GetInt32());
        Assert.Equal(9, last.GetProperty("frames").GetInt32());
        Assert.True(last.GetProperty("firstFrameSeconds").GetDouble() > 0);
    }

    [Fact]
    public void Json_Death_IsInTheLastEvent()
    {
        using var run = new StandInRun("gpu-process@running=signal:11", "--json", "--crash-quota", "1/60");
        RunResult result = run.WaitForExit();
        JsonElement last = Parse(result)[^1];

        Assert.Equal(1, result.ExitStatus);
        Assert.Equal(1, last.GetProperty("status").GetInt32());
        Assert.Contains("gpu-process", last.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(last.GetProperty("details").EnumerateArray());
    }

    [Fact]
    public void Json_WindowRepaired_IsANoticeAndCountedAtTheEnd()
    {
        using var run = new StandInRun("vmm-core@running=repair", "--json");
        run.WaitForGuest();
        JsonElement[] events = Parse(run.PowerOff());

        string[] notices = [.. events.Where(e => Is(e, "notice")).Select(e => e.GetProperty("text").GetString()!).Where(text => text.Contains("was gone", StringComparison.Ordinal))];
        Assert.Equal(2, notices.Length);
        Assert.EndsWith("the guest goes on (40 so far)", notices[1], StringComparison.Ordinal);
        Assert.Equal(40, events[^1].GetProperty("windowRepairs").GetInt32());
    }

    private static bool Is(JsonElement element, string name) => element.GetProperty("event").GetString() == name;

    private static JsonElement[] Parse(RunResult result) =>
        [.. result.StandardOutput.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
}
