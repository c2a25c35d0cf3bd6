using System.Globalization;
using SplitVmm.DesktopService.CommandLine;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>The table <c>[display]</c>.</summary>
internal static class DisplayKeys
{
    /// <summary>As display-process takes them.</summary>
    private const int SmallestSide = 16;
    private const int LargestSide = 16384;

    public static readonly IReadOnlyList<DefinitionKey> All =
    [
        new("display.backend", "\"sdl\", \"headless\" or \"none\"", "sdl", "a window, PNG files, or nothing", (value, draft) =>
        {
            draft.Backend = value.Text switch
            {
                "sdl" => DisplayBackend.Sdl,
                "headless" => DisplayBackend.Headless,
                "none" => DisplayBackend.None,
                _ => null,
            };
            return draft.Backend is not null;
        }),
        Text("size", "a size such as \"1280x800\", from 16 to 16384 each, or several with colons between", "1280x800", "sdl, headless: first size of the monitors; the last is that of all further ones", text => text.Split(':').All(IsSize)),
        Text("renderer", "\"auto\", \"software\" or \"accelerated\"", "auto", "sdl: who paints the window", text => text is "auto" or "software" or "accelerated"),
        Switch("touch", "sdl: the guest has a touch screen, which fingers on the window go to"),
        Switch("clipboard", "sdl: text that is copied goes to the guest's agent (spice-vdagent) and back, while the window has the focus"),
        Switch("viewers", "programs written for QEMU's D-Bus display may show and drive the machine ([display.md](display.md))"),
        new("display.frames", "the path of a folder", "none", "headless: where `latest.png` goes", (value, draft) =>
            Add(draft, "frames", draft.PathOf(value.Text))),
        new("display.frame-interval", "a whole number of milliseconds from 10 to 3600000", "latest.png only", "headless: also numbered files, this far apart", (value, draft) =>
            Add(draft, "frame-interval", value.WholeBetween(10, 3_600_000)?.ToString(CultureInfo.InvariantCulture))),
    ];

    private static DefinitionKey Text(string name, string takes, string initial, string meaning, Func<string, bool> isRight) => new(
        "display." + name, takes, initial, meaning, (value, draft) =>
            Add(draft, name, value.Text is { } text && isRight(text) ? text : null));

    private static DefinitionKey Switch(string name, string meaning) => new(
        "display." + name, "true or false", "false", meaning, (value, draft) =>
            Add(draft, name, value.Switch is { } on ? (on ? "on" : "off") : null));

    private static bool Add(DefinitionDraft draft, string name, string? value)
    {
        if (value is not null)
        {
            draft.Display.Add(new(name, value));
        }

        return value is not null;
    }

    private static bool IsSize(string text)
    {
        string[] sides = text.Split('x');
        return sides.Length == 2 && sides.All(side =>
            int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int pixels) && pixels is >= SmallestSide and <= LargestSide);
    }
}
