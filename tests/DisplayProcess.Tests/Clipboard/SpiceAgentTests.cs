using SplitVmm.DisplayProcess.Clipboard;
using SplitVmm.DisplayProcess.Tests.Windows;
using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>Against the agent that Debian's guests have, and programs that copy and paste on its X server.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class SpiceAgentTests(VirtualScreen screen) : IClassFixture<VirtualScreen>, IDisposable
{
    private const string Poem = "Zwölf Boxkämpfer jagen Viktor\nquer über den großen Sylter Deich — 日本語 🎉\n";

    private readonly EventLoop _loop = new();
    private readonly FakeClipboard _clipboard = new();
    private readonly List<string> _log = [];

    public void Dispose() => _loop.Dispose();

    [Fact]
    public void Text_GoesBothWays_AlsoAfterTheAgentHadToBeginAnew()
    {
        string longText = string.Concat(Enumerable.Range(0, 8000).Select(i => $"Zeile {i} ü\n"));
        VirtualScreen.Require();
        using var guest = new SpiceGuest(nameof(SpiceAgentTests), screen.Environment["DISPLAY"]);
        (UnixSocket portEnd, UnixSocket clientEnd) = UnixSocket.CreateSeqPacketPair();
        using var port = new PortSocket(_loop, guest.Port, portEnd);
        using var client = new ClipboardAgent(_loop, clientEnd, _clipboard, _log.Add);
        _clipboard.Copy(Poem);
        guest.Start();

        AssertPasted(guest, Poem);
        AssertCopied(guest, "kopiert: ä");
        _clipboard.Copy(longText);
        AssertPasted(guest, longText);
        AssertCopied(guest, longText + Poem);

        // What the guest has copied last is the desktop's now, and is offered to the agent when it is back.
        int sessions = port.Sessions;
        port.EndSession();
        Assert.True(RunUntil(() => port.Sessions > sessions), guest.Said);
        _clipboard.Copy("after the restart");
        AssertPasted(guest, "after the restart");
        AssertCopied(guest, "back again");
        Assert.Equal(0, port.HangUps);
        Assert.Empty(_log);
    }

    private void AssertCopied(SpiceGuest guest, string text)
    {
        guest.Copy(text);
        Assert.True(RunUntil(() => _clipboard.Written.Contains(text)), $"it does not come: {string.Join('\n', _log)}\n{guest.Said}");
    }

    // The agent is told of a text some time before a program can paste it.
    private void AssertPasted(SpiceGuest guest, string text)
    {
        string last = "";
        bool pasted = RunUntil(() =>
        {
            using ChildProgram paste = guest.Paste();
            _ = RunUntil(() => paste.HasExited);
            last = paste.HasExited ? paste.WaitForExit(TimeSpan.FromSeconds(10)).StandardOutput : "";
            return last.TrimEnd('\n') == text.TrimEnd('\n');
        });
        Assert.True(pasted, $"'{last[..Math.Min(last.Length, 200)]}' is pasted\n{guest.Said}");
    }

    private bool RunUntil(Func<bool> condition)
    {
        long end = Environment.TickCount64 + 60_000;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            _ = _loop.RunOnce(50);
        }

        return true;
    }
}
