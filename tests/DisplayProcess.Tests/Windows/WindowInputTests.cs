using SplitVmm.Harness;
using SplitVmm.Wires.Input;
using Xunit;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>What a user does with keyboard and pointer, as it arrives at the guest's end of the input wire.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class WindowInputTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const int Width = 640;
    private const int Height = 400;

    [Fact]
    public void Type_Text_ArrivesAsKeyCodes()
    {
        using WindowProcess display = Start();

        screen.Do("type", "--delay", "15", "hello world");

        // h e l l o space w o r l d of linux/input-event-codes.h.
        int[] codes = [35, 18, 38, 38, 24, 57, 17, 24, 19, 38, 32];
        (ushort, int)[] expected = [.. codes.SelectMany(code => new[] { ((ushort)code, 1), ((ushort)code, 0) })];
        Assert.True(display.Guest.WaitUntil(guest => guest.Keys.Length >= expected.Length));
        Assert.Equal(expected, display.Guest.Keys);
        Assert.All(display.Guest.Reports, report => Assert.Equal(InputDeviceKind.Keyboard, report.Device));
    }

    [Fact]
    public void Type_AParagraph_ArrivesLetterByLetter()
    {
        const string Paragraph =
            "It was the best of times, it was the worst of times; it was 1859 (more or less). \"Is that so?\" - he asked: a/b, c\\d, "
            + "x_y + z = 100%! The quick brown fox jumps over the lazy dog's back, ~50 [fifty] {times} <or> more @ $5 #each & ^up^ *star* |pipe| `tick`.";
        using WindowProcess display = Start();

        screen.Do("type", "--delay", "15", Paragraph);

        bool arrived = display.Guest.WaitUntil(guest => TypedText.Read(guest).Length >= Paragraph.Length, 30_000);
        Assert.Equal(Paragraph, TypedText.Read(display.Guest));
        Assert.True(arrived);
        // Nothing is held at the end.
        Assert.All(display.Guest.Keys.GroupBy(key => key.Code), key => Assert.Equal(0, key.Last().Value));
    }

    [Fact]
    public void Press_EveryKeyOfAPcKeyboard_ArrivesUnderItsNumber()
    {
        using WindowProcess display = Start();
        // An X server numbers the keys of an evdev keyboard 8 higher than Linux. Left out are
        // the numbers that no PC keyboard has a key for.
        int[] codes = [.. Enumerable.Range(1, 83), .. Enumerable.Range(86, 3), .. Enumerable.Range(96, 4), .. Enumerable.Range(102, 10), 119, 125, 126, 127];
        var wrong = new List<string>();
        foreach (int code in codes)
        {
            display.Guest.Clear();
            // A number of one digit is the digit's key to xdotool.
            screen.Do("key", code == 1 ? "Escape" : $"{code + 8}");
            if (!display.Guest.WaitUntil(guest => guest.Keys.Length >= 2, 3000)
                || !display.Guest.Keys.SequenceEqual([((ushort)code, 1), ((ushort)code, 0)]))
            {
                wrong.Add($"{code}: {string.Join(' ', display.Guest.Keys)}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Move_Pointer_ArrivesAsThatPixel()
    {
        using WindowProcess display = Start();

        foreach ((int x, int y) in new[] { (0, 0), (639, 399), (320, 200), (17, 301), (638, 1) })
        {
            screen.Do("mousemove", "--window", display.Window, $"{x}", $"{y}");
            Assert.True(
                display.Guest.WaitUntil(guest => guest.Position is { } at && (at.X * Width / 32768, at.Y * Height / 32768) == (x, y)),
                $"{x},{y} arrived as {display.Guest.Position}");
        }
    }

    [Fact]
    public void Move_PointerOverAGridOfAHundredPoints_ArrivesAtEach()
    {
        using WindowProcess display = Start();
        var wrong = new List<string>();
        for (int i = 0; i < 100; i++)
        {
            (int x, int y) = ((i % 10 * 71) % Width, (i / 10 * 44) % Height);
            screen.Do("mousemove", "--window", display.Window, $"{x}", $"{y}");
            if (!display.Guest.WaitUntil(guest => guest.Position is { } at && (at.X * Width / 32768, at.Y * Height / 32768) == (x, y), 3000))
            {
                wrong.Add($"{x},{y} arrived as {display.Guest.Position}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Move_PointerOverTheSecondHead_ArrivesRightOfTheFirst()
    {
        VirtualScreen.Require();
        using var display = new WindowProcess(screen, $"{Width}x{Height}:320x200", heads: 2, scanout: 1);
        display.Source.Configure(320, 200);
        display.Source.Show();
        // Without a window manager both lie in one corner.
        screen.Do("windowmove", "--sync", display.SecondWindow!, $"{Width + 20}", "0");

        screen.Do("mousemove", "--window", display.SecondWindow!, "100", "50");

        Assert.True(
            display.Guest.WaitUntil(guest => guest.Position is { } at
                && (at.X * (Width + 320) / 32768, at.Y * Height / 32768) == (Width + 100, 50)),
            $"arrived as {display.Guest.Position}");
    }

    [Fact]
    public void Click_EveryButton_ArrivesAfterItsPosition()
    {
        using WindowProcess display = Start();

        screen.Do("mousemove", "--window", display.Window, "100", "50", "click", "1", "click", "2", "click", "3", "click", "8", "click", "9");

        Assert.True(display.Guest.WaitUntil(guest => guest.Keys.Length >= 10));
        Assert.Equal(
            [
                (BTN_LEFT, 1), (BTN_LEFT, 0), (BTN_MIDDLE, 1), (BTN_MIDDLE, 0), (BTN_RIGHT, 1), (BTN_RIGHT, 0),
                (BTN_SIDE, 1), (BTN_SIDE, 0), (BTN_EXTRA, 1), (BTN_EXTRA, 0),
            ],
            display.Guest.Keys);
        InputEvent[] first = display.Guest.Reports[0].Events;
        Assert.Equal((EV_ABS, (100 * 2 + 1) * 32768 / (2 * Width)), (first[0].Type, first[0].Value));
    }

    [Fact]
    public void Turn_Wheel_ArrivesInBothResolutions()
    {
        using WindowProcess display = Start();

        screen.Do("click", "4", "click", "5", "click", "5", "click", "7");

        Assert.True(display.Guest.WaitUntil(guest => guest.Reports.Length >= 4));
        Assert.Equal(
            ["11/120 8/1", "11/-120 8/-1", "11/-120 8/-1", "12/120 6/1"],
            display.Guest.Reports.Select(report => string.Join(' ', report.Events.Select(item => $"{item.Code}/{item.Value}"))));
    }

    [Fact]
    public void FocusLost_ReleasesWhatIsHeld()
    {
        using WindowProcess display = Start();
        screen.Do("keydown", "shift", "keydown", "a", "mousedown", "1");
        Assert.True(display.Guest.WaitUntil(guest => guest.Keys.Length >= 3));
        display.Guest.Clear();

        // The focus goes to nobody.
        using var other = new WindowProcess(screen, "100x100", "Other machine");
        screen.Do("windowfocus", "--sync", other.Window);

        bool released = display.Guest.WaitUntil(guest => guest.Keys.Length >= 3);
        screen.Do("keyup", "a", "keyup", "shift", "mouseup", "1");
        Assert.True(released);
        Assert.Equal([(30, 0), (42, 0), (BTN_LEFT, 0)], display.Guest.Keys.Take(3).Select(key => ((int)key.Code, key.Value)));
    }

    [Fact]
    public void Hold_Key_IsNotRepeatedByUs()
    {
        using WindowProcess display = Start();
        screen.Do("keydown", "x");
        Thread.Sleep(1500);
        screen.Do("keyup", "x");

        Assert.True(display.Guest.WaitUntil(guest => guest.Keys.Length >= 2));
        Assert.Equal([(45, 1), (45, 0)], display.Guest.Keys.Select(key => ((int)key.Code, key.Value)));
    }

    [Fact]
    public void GrabHotkey_IsShownAndKeptFromTheGuest()
    {
        using WindowProcess display = Start();

        screen.Do("key", "ctrl+alt+g");
        Assert.True(display.Guest.WaitUntil(_ => display.Title == "Test machine - Ctrl+Alt+G releases the input"));
        screen.Do("key", "ctrl+alt+g");
        Assert.True(display.Guest.WaitUntil(_ => display.Title == "Test machine"));

        Assert.DoesNotContain(34, display.Guest.Keys.Select(key => (int)key.Code));
        // The modifiers went to the guest, and came up again.
        Assert.Equal(4, display.Guest.Keys.Count(key => key.Value == 1));
        Assert.Equal(4, display.Guest.Keys.Count(key => key.Value == 0));
    }

    [Fact]
    public void Grabbed_MovementAndButtons_AreTheMouses()
    {
        using WindowProcess display = Start();
        Grab(display);
        display.Guest.Clear();

        // Further than the screen is wide: it has no edge for the guest.
        for (int i = 0; i < 20; i++)
        {
            screen.Do("mousemove_relative", "--", "100", "-30");
        }

        screen.Do("click", "1", "click", "4");

        Assert.True(display.Guest.WaitUntil(guest => guest.Reports.Any(report => report.Events[0].Code == REL_WHEEL_HI_RES)));
        Assert.All(display.Guest.Reports, report => Assert.Equal(InputDeviceKind.Mouse, report.Device));
        InputEvent[] events = [.. display.Guest.Reports.SelectMany(report => report.Events)];
        int Sum(ushort code) => events.Where(item => item.Type == EV_REL && item.Code == code).Sum(item => item.Value);
        Assert.Equal((2000, -600), (Sum(REL_X), Sum(REL_Y)));
        Assert.Equal([(BTN_LEFT, 1), (BTN_LEFT, 0)], display.Guest.Keys);

        screen.Do("key", "ctrl+alt+g");
        Assert.True(display.Guest.WaitUntil(_ => display.Title == "Test machine"));
        screen.Do("mousemove", "--window", display.Window, "100", "50");
        Assert.True(display.Guest.WaitUntil(guest => guest.Position is { } at && (at.X * Width / 32768, at.Y * Height / 32768) == (100, 50)));
    }

    [Fact]
    public void Grabbed_TheGuestsCursorIsAPartOfThePicture()
    {
        using WindowProcess display = Start();
        display.Source.Cursor(16, 16, 4, 6, [.. Enumerable.Repeat(0xFFFF_8000u, 16 * 16)]);
        display.Source.MoveCursor(300, 200);
        Grab(display);

        Assert.Null(display.WaitForPicture(
            Path.Combine(SourceTree.OutputFolder("window-grab"), "cursor.png"),
            (x, y) => x is >= 296 and < 312 && y is >= 194 and < 210 ? 0xFF8000u : 0x404040));

        display.Source.MoveCursor(10, 12);
        Assert.Null(display.WaitForPicture(
            Path.Combine(SourceTree.OutputFolder("window-grab"), "moved.png"),
            (x, y) => x is >= 6 and < 22 && y is >= 6 and < 22 ? 0xFF8000u : 0x404040));

        screen.Do("key", "ctrl+alt+g");
        Assert.Null(display.WaitForPicture(Path.Combine(SourceTree.OutputFolder("window-grab"), "released.png"), (_, _) => 0x404040));
    }

    [Fact]
    public void Grabbed_FocusLost_ReleasesTheGrabAndTheButtons()
    {
        using WindowProcess display = Start();
        Grab(display);
        screen.Do("mousedown", "1");
        Assert.True(display.Guest.WaitUntil(guest => guest.Keys.Contains((BTN_LEFT, 1))));

        using var other = new WindowProcess(screen, "100x100", "Other machine");
        screen.Do("windowfocus", "--sync", other.Window);

        bool released = display.Guest.WaitUntil(guest => guest.Keys.Contains((BTN_LEFT, 0)) && display.Title == "Test machine");
        screen.Do("mouseup", "1");
        Assert.True(released);
        Assert.All(display.Guest.Reports.Where(report => report.Events[0].Code == BTN_LEFT), report => Assert.Equal(InputDeviceKind.Mouse, report.Device));
    }

    [Fact]
    public void Cursor_OfTheGuest_IsThePointer()
    {
        using WindowProcess display = Start();
        // A translucent edge, so that a wrong idea of premultiplied alpha would show.
        uint[] pixels = [.. Enumerable.Range(0, 24 * 32).Select(i => i % 24 == 0 ? 0x8040_2000u : i % 24 < 12 ? 0xFF10_2030u : 0)];

        display.Source.Cursor(24, 32, 5, 7, pixels);
        Assert.True(display.WaitUntil(() => Shown() is { Width: 24, Height: 32, HotX: 5, HotY: 7 }));
        Assert.Equal(pixels, Shown().Pixels);

        display.Source.HideCursor();
        Assert.True(display.WaitUntil(() => Shown().Pixels.All(pixel => pixel >> 24 == 0)));
        display.Source.Cursor(24, 32, 5, 7, pixels);
        Assert.True(display.WaitUntil(() => Shown() is { Width: 24, HotX: 5 }));
    }

    [Theory]
    [InlineData(1280, 800, 48, 64, 10, 14)]
    [InlineData(900, 600, 34, 45, 7, 9)]
    [InlineData(320, 200, 12, 16, 2, 3)]
    public void Cursor_OverAScaledPicture_IsScaledWithIt(int windowWidth, int windowHeight, int width, int height, int hotX, int hotY)
    {
        using WindowProcess display = Start();
        display.Source.Cursor(24, 32, 5, 7, [.. Enumerable.Repeat(0xFF10_2030u, 24 * 32)]);
        Assert.True(display.WaitUntil(() => Shown() is { Width: 24, Height: 32, HotX: 5, HotY: 7 }));

        // The guest does not follow the new size.
        screen.Do("windowsize", "--sync", display.Window, $"{windowWidth}", $"{windowHeight}");

        Assert.True(display.WaitUntil(() => Shown() is var shown && (shown.Width, shown.Height, shown.HotX, shown.HotY) == (width, height, hotX, hotY)), $"{Shown()}");
        Assert.All(Shown().Pixels, pixel => Assert.Equal(0xFF10_2030u, pixel));
    }

    private void Grab(WindowProcess display)
    {
        screen.Do("key", "ctrl+alt+g");
        Assert.True(display.Guest.WaitUntil(_ => display.Title == "Test machine - Ctrl+Alt+G releases the input"));
    }

    private ShownCursor Shown() => ShownCursor.Get(screen.Environment["DISPLAY"]);

    private WindowProcess Start()
    {
        VirtualScreen.Require();
        var display = new WindowProcess(screen, $"{Width}x{Height}");
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x404040);
        display.Source.Show();
        _ = display.WaitUntil(() => display.Title == "Test machine");
        display.Focus();
        return display;
    }
}
