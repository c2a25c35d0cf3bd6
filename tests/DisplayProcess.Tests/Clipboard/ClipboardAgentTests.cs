using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>Copy and paste with an agent that does as those of real guests do.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ClipboardAgentTests
{
    private const string Poem = "Zwölf Boxkämpfer jagen Viktor\nquer über den großen Sylter Deich — 日本語 🎉\n";

    private static string LongText { get; } = string.Concat(Enumerable.Range(0, 8000).Select(i => $"Zeile {i} ü\n"));

    [Fact]
    public void Session_BeginsWithWhatBothCan()
    {
        using var pair = new AgentPair();
        // By demand, with selections, with a limit, no release before a grab; an answer is wanted.
        Assert.Equal(StandInAgent.Capabilities, pair.Guest.Messages[0].Type);
        Assert.Equal([1, 0, 0, 0, 0x60, 4, 1, 0], pair.Guest.Messages[0].Body);
        Assert.Equal((StandInAgent.Limit, 4), (pair.Guest.Messages[1].Type, pair.Guest.Messages[1].Body.Length));
        Assert.Equal(1 << 20, BitConverter.ToInt32(pair.Guest.Messages[1].Body));
        Assert.Equal(2, pair.Guest.Messages.Count);
        Assert.Empty(pair.Log);
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(2048)]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(21)]
    public void Guest_Copies_TheDesktopHasIt(int piece)
    {
        using var pair = new AgentPair(piece: piece);
        pair.Guest.Copy(Poem);
        pair.Pump();
        Assert.Equal([Poem], pair.Clipboard.Written);
        // It is not offered back.
        Assert.DoesNotContain(pair.Guest.Messages, message => message.Type == StandInAgent.Grab);
    }

    [Fact]
    public void Desktop_Copies_TheGuestHasIt()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy(Poem);
        pair.Clipboard.Copy("two");
        pair.Pump();
        Assert.Equal("two", pair.Guest.Texts[^1]);
    }

    [Fact]
    public void LongText_GoesBothWaysInPieces()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy(LongText);
        Assert.True(pair.PumpUntil(() => pair.Guest.Texts.Count > 0));
        Assert.Equal(LongText, pair.Guest.Texts[0]);
        Assert.Equal(2048, pair.Guest.LargestPiece);

        pair.Guest.Copy(LongText + Poem);
        Assert.True(pair.PumpUntil(() => pair.Clipboard.Written.Count > 0));
        Assert.Equal(LongText + Poem, pair.Clipboard.Written[0]);
    }

    [Fact]
    public void WithoutTheFocus_NothingGoesOver()
    {
        using var pair = new AgentPair();
        pair.Clipboard.SetFocus(false);
        int reads = pair.Clipboard.Reads;
        pair.Clipboard.Copy("a password");
        pair.Guest.Copy("a trap");
        pair.Guest.Send(StandInAgent.Request, [.. pair.Guest.Selection(), 1, 0, 0, 0]);
        pair.Pump();

        Assert.Equal(reads, pair.Clipboard.Reads);
        Assert.Empty(pair.Clipboard.Written);
        Assert.Equal([""], pair.Guest.Texts);
        Assert.DoesNotContain(pair.Guest.Messages, message => message.Type is StandInAgent.Grab or StandInAgent.Request);

        pair.Clipboard.SetFocus(true);
        pair.Pump();
        Assert.Equal("a password", pair.Guest.Texts[^1]);
    }

    [Fact]
    public void AnswerThatComesWhenTheUserHasLeft_IsDropped()
    {
        using var pair = new AgentPair();
        pair.Guest.IsPolite = false;
        pair.Guest.Copy("late");
        pair.Pump();
        pair.Clipboard.SetFocus(false);
        pair.Guest.Send(StandInAgent.Text, [.. pair.Guest.Selection(), 1, 0, 0, 0, (byte)'x']);
        pair.Pump();
        pair.Clipboard.SetFocus(true);
        pair.Guest.Send(StandInAgent.Text, [.. pair.Guest.Selection(), 1, 0, 0, 0, (byte)'y']);
        pair.Pump();
        Assert.Empty(pair.Clipboard.Written);
    }

    [Fact]
    public void ComingBack_TakesNothingAwayFromTheGuest()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy("old");
        pair.Pump();
        // A picture, which stays in the guest.
        pair.Guest.Send(StandInAgent.Grab, [.. pair.Guest.Selection(), 2, 0, 0, 0]);
        pair.Pump();
        int count = pair.Guest.Messages.Count;
        pair.Clipboard.SetFocus(false);
        pair.Clipboard.SetFocus(true);
        pair.Pump();
        Assert.Equal(count, pair.Guest.Messages.Count);
    }

    [Fact]
    public void EmptiedClipboard_IsReleased()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy("something");
        pair.Clipboard.Copy(null);
        pair.Pump();
        Assert.Equal((StandInAgent.Release, 4), (pair.Guest.Messages[^2].Type, pair.Guest.Messages[^2].Body.Length));
        Assert.Equal("", pair.Guest.Texts[^1]);
    }

    [Fact]
    public void Guest_WithCrLf_GetsAndGivesItsEndsOfLines()
    {
        using var pair = new AgentPair(can: StandInAgent.AsLinux | (1 << 9));
        pair.Clipboard.Copy("one\ntwo\r\nthree");
        pair.Pump();
        Assert.Equal("one\r\ntwo\r\nthree", pair.Guest.Texts[^1]);
        pair.Guest.Copy("four\r\nfive");
        pair.Pump();
        Assert.Equal(["four\nfive"], pair.Clipboard.Written);
    }

    [Fact]
    public void Guest_WithoutSelections_CanShareToo()
    {
        using var pair = new AgentPair(can: 1 << 5);
        pair.Clipboard.Copy("there");
        pair.Pump();
        pair.Guest.Copy("back");
        pair.Pump();
        Assert.Equal("there", pair.Guest.Texts[0]);
        Assert.Equal(["back"], pair.Clipboard.Written);
        Assert.DoesNotContain(pair.Guest.Messages, message => message.Type == StandInAgent.Limit);
    }

    [Fact]
    public void OtherSelections_AreLeftAlone()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy("not for the middle button");
        pair.Pump();
        pair.Guest.Send(StandInAgent.Grab, [.. pair.Guest.Selection(1), 1, 0, 0, 0]);
        pair.Guest.Send(StandInAgent.Request, [.. pair.Guest.Selection(1), 1, 0, 0, 0]);
        pair.Guest.Send(StandInAgent.Request, [.. pair.Guest.Selection(), 2, 0, 0, 0]);
        pair.Pump();
        Assert.Equal(["not for the middle button", "", ""], pair.Guest.Texts);
        Assert.DoesNotContain(pair.Guest.Messages, message => message.Type == StandInAgent.Request);
    }

    [Fact]
    public void Guest_StartedAnew_IsToldAgain()
    {
        using var pair = new AgentPair();
        pair.Clipboard.Copy("still here");
        pair.Pump();
        pair.Guest.Reopen();
        pair.Pump();
        Assert.Equal(["still here", "still here"], pair.Guest.Texts);
        pair.Guest.Copy("again");
        pair.Pump();
        Assert.Equal(["again"], pair.Clipboard.Written);
    }

    [Fact]
    public void Agent_ThatCannotShare_IsSaidOnce()
    {
        using var pair = new AgentPair(can: 1 << 6);
        pair.Clipboard.Copy("secret");
        pair.Guest.Announce(1);
        pair.Guest.Copy("text");
        pair.Pump();
        Assert.Equal(["the guest's agent cannot share its clipboard"], pair.Log);
        Assert.Empty(pair.Clipboard.Written);
        Assert.Empty(pair.Guest.Texts);
    }
}
