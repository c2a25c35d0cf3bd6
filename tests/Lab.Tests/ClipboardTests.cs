using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// The clipboard of an X server in the lab and that of an X server in a Debian guest, joined by the guest's own
/// spice-vdagentd and spice-vdagent.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed class ClipboardTests(LabMachine lab)
{
    private const string Image = "guest-clipboard";
    private const string Focus = "xdotool windowfocus $(xdotool search --onlyvisible --name . | tail -n 1)";
    private const int LongText = 123_693;

    [Fact]
    public void Text_GoesBothWays_AlsoAfterTheWindowsProcessWasKilled_AndAfterAReboot()
    {
        string clipboard = $"XCLIP=/images/{Path.GetFileName(Needs.Image(Image))}/xclip sh $HOME/scripts/clipboard";
        lab.Start();

        GuestRun run = new Guest("clipboard", "clipboard")
        {
            Display = "sdl,clipboard=on",
            HasAgent = true,
            IsSmall = true,
            Options = "--gpu virgl=off",
            Files = [SourceTree.Path("tests", "Lab.Tests", "scripts", "clipboard")],
            OnRun =
            [
                $"boot={Focus}; if [ -e booted ]; then n=second; else n=first; fi; touch booted; {clipboard} copy \"$n boot\" 1",
                $"kill=pkill -KILL -x display-process; until xdotool search --onlyvisible --name . >/dev/null; do sleep 0.2; done; {Focus}",
                .. Exchange(clipboard, "short", 1),
                .. Exchange(clipboard, "long", 2600),
                .. Exchange(clipboard, "kill", 1),
                .. Exchange(clipboard, "reboot", 1),
            ],
        }.RunUnderSplitVmm();

        Assert.Contains("com.redhat.spice.0", run.Console, StringComparison.Ordinal);
        Assert.Contains("display-process died (signal 9), restarted", run.Console, StringComparison.Ordinal);
        foreach (string name in (string[])["short", "long", "kill", "reboot"])
        {
            foreach (string what in (string[])["to guest", "to desktop", "receipt"])
            {
                Assert.Contains($"clipboard: text '{what}, {name}' has ", run.Console, StringComparison.Ordinal);
            }
        }

        Assert.Contains($"text 'to desktop, long' has {LongText} bytes", run.Console, StringComparison.Ordinal);
        Assert.DoesNotMatch("clipboard: no text|hung task|soft lockup|BUG:|Oops", run.Console);
        Assert.Equal(0, run.ExitStatus);
    }

    private static string[] Exchange(string clipboard, string name, int lines) =>
    [
        $"to-{name}={clipboard} copy \"to guest, {name}\" {lines}",
        $"from-{name}={clipboard} await \"to desktop, {name}\" {lines} && {clipboard} copy \"receipt, {name}\" 1",
    ];
}
