using SplitVmm.DisplayProcess.Tests.Clipboard;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// The clipboard of an X server between two machines with a window each: what is copied in one guest is pasted in the
/// other, when the user has gone there.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class WindowClipboardTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const string Poem = "Zwölf Boxkämpfer jagen Viktor\nquer über den großen Sylter Deich — 日本語 🎉\n";

    [Fact]
    public void Copy_InOneMachine_PasteInAnother()
    {
        VirtualScreen.Require();
        using var one = new WindowProcess(screen, "300x200", title: "One", hasClipboard: true);
        using var other = new WindowProcess(screen, "300x200", title: "Other", hasClipboard: true);
        Assert.True(one.WaitUntil(() => one.Clipboard.IsReady && other.Clipboard.IsReady));

        Focus(one);
        one.Clipboard.Copy(Poem);
        // The other one knows nothing of it before the user comes.
        Assert.False(one.WaitUntil(() => other.Clipboard.Texts.Length > 0, 1000));
        Focus(other);
        Assert.True(other.WaitUntil(() => other.Clipboard.Texts.Length > 0), other.Program.StandardError);
        Assert.Equal([Poem], other.Clipboard.Texts);

        // A long one on the way back; the first machine still has its own.
        string longText = string.Concat(Enumerable.Range(0, 8000).Select(i => $"Zeile {i} ü\n"));
        other.Clipboard.Copy(longText);
        Assert.False(one.WaitUntil(() => one.Clipboard.Texts.Length > 0, 1000));
        Focus(one);
        Assert.True(one.WaitUntil(() => one.Clipboard.Texts.Length > 0), one.Program.StandardError);
        Assert.Equal([longText], one.Clipboard.Texts);
        Assert.Equal([Poem], other.Clipboard.Texts);
    }

    [Fact]
    public void Copy_WithoutTheFocus_StaysInTheGuest()
    {
        VirtualScreen.Require();
        using var one = new WindowProcess(screen, "300x200", title: "One", hasClipboard: true);
        using var other = new WindowProcess(screen, "300x200", title: "Other", hasClipboard: true);
        Assert.True(one.WaitUntil(() => one.Clipboard.IsReady && other.Clipboard.IsReady));

        Focus(one);
        one.Clipboard.Copy("with the focus");
        Assert.False(one.WaitUntil(() => other.Clipboard.Texts.Length > 0, 500));
        other.Clipboard.Copy("a trap");
        Assert.False(one.WaitUntil(() => one.Clipboard.Texts.Length > 0, 1000));
        Focus(other);
        Assert.True(other.WaitUntil(() => other.Clipboard.Texts.Length > 0), other.Program.StandardError);
        Assert.Equal(["with the focus"], other.Clipboard.Texts);
    }

    private void Focus(WindowProcess machine) => screen.Do("windowraise", machine.Window, "windowfocus", "--sync", machine.Window);
}
