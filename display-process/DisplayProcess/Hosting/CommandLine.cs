using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SplitVmm.Hosting;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Hosting;

/// <summary>The options of docs/architecture.md.</summary>
public static class CommandLine
{
    private const int LargestSide = 16384;

    // No bool: the parser takes such options without a word too.
    private enum Switch
    {
        Off,
        On,
    }

    private static readonly Option<int?> s_displayFd = DescriptorOption.Create("--display-fd", "Inherited display wire");

    private static readonly Option<int?> s_inputFd = DescriptorOption.Create("--input-fd", "Inherited input wire");

    private static readonly Option<int?> s_agentFd = DescriptorOption.Create("--agent-fd", "Inherited agent wire");

    private static readonly Option<int?> s_controlFd = DescriptorOption.Create("--control-fd", "Inherited control connection");

    private static readonly Option<int?> s_plugFd = DescriptorOption.Create("--plug-fd", "Inherited plug wire, over which a new display wire may come");

    private static readonly Option<BackendKind> s_backend = Choice(
        "--backend", "Where pictures go", ("sdl", BackendKind.Sdl), ("headless", BackendKind.Headless));

    private static readonly Option<RendererKind> s_renderer = Choice(
        "--renderer", "How the SDL window is drawn",
        ("auto", RendererKind.Auto), ("software", RendererKind.Software), ("accelerated", RendererKind.Accelerated));

    private static readonly Option<Switch> s_touch = OffOrOn("--touch", "Whether fingers go to a touch screen of the guest (sdl)");

    private static readonly Option<Switch> s_clipboard = OffOrOn(
        "--clipboard", "Whether copied text goes to the guest's agent and back (sdl)");

    private static readonly Option<Switch> s_viewers = OffOrOn(
        "--viewers", "Whether viewers that speak QEMU's D-Bus display may come over the plug wire");

    private static readonly Option<string?> s_frames = new("--frames")
    {
        Description = "Folder for latest.png (headless)",
        HelpName = "DIR",
    };

    private static readonly Option<int?> s_interval = new("--frame-interval")
    {
        Description = "Also write numbered frames, this many milliseconds apart (headless)",
        HelpName = "MS",
        CustomParser = result => ParseNumber(result, 10, 3_600_000, "milliseconds from 10 to 3600000"),
    };

    private static readonly Option<string> s_title = new("--title")
    {
        Description = "Window title",
        HelpName = "S",
        DefaultValueFactory = _ => "SplitVmm",
    };

    private static readonly Option<int> s_heads = new("--heads")
    {
        Description = "Scanouts that are shown",
        HelpName = "N",
        CustomParser = result => ParseNumber(result, 1, DisplayProtocol.MaxScanouts, $"1 to {DisplayProtocol.MaxScanouts}"),
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<IReadOnlyList<PixelSize>> s_size = new("--size")
    {
        Description = "First size of the outputs in pixels; the last one is that of all further outputs",
        HelpName = "WxH[:WxH...]",
        CustomParser = ParseSizes,
        DefaultValueFactory = _ => [new PixelSize(1280, 800)],
    };

    /// <summary>Parses, or answers the user.</summary>
    /// <param name="exitStatus">If null is returned: 0 for help, 2 for wrong usage, which was explained on standard error.</param>
    public static DisplayOptions? Parse(string[] arguments, out int exitStatus)
    {
        var root = new RootCommand("Shows a SplitVmm machine. Started by splitvmm; the descriptors are inherited sockets.")
        {
            s_displayFd, s_inputFd, s_agentFd, s_controlFd, s_plugFd, s_backend, s_renderer, s_touch, s_clipboard, s_viewers, s_frames,
            s_interval, s_title, s_heads, s_size,
        };
        s_displayFd.Required = true;
        return ProcessArguments.Parse("display-process", "", root, arguments, Options, out exitStatus);
    }

    private static DisplayOptions Options(ParseResult result) => new()
    {
        DisplayFd = result.GetRequiredValue(s_displayFd)!.Value,
        InputFd = result.GetValue(s_inputFd),
        AgentFd = result.GetValue(s_agentFd),
        ControlFd = result.GetValue(s_controlFd),
        PlugFd = result.GetValue(s_plugFd),
        Backend = result.GetValue(s_backend),
        Renderer = result.GetValue(s_renderer),
        HasTouch = result.GetValue(s_touch) == Switch.On,
        HasClipboard = result.GetValue(s_clipboard) == Switch.On,
        HasViewers = result.GetValue(s_viewers) == Switch.On,
        FramesFolder = result.GetValue(s_frames),
        FrameInterval = result.GetValue(s_interval) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
        Title = result.GetValue(s_title)!,
        Heads = result.GetValue(s_heads),
        Sizes = result.GetValue(s_size)!,
    };

    private static Option<Switch> OffOrOn(string name, string description) => Choice(name, description, ("off", Switch.Off), ("on", Switch.On));

    /// <param name="choices">The first is what holds without the option.</param>
    private static Option<T> Choice<T>(string name, string description, params (string Word, T Value)[] choices)
    {
        string words = string.Join('|', choices.Select(choice => choice.Word));
        return new(name)
        {
            Description = description,
            HelpName = words,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                int at = Array.FindIndex(choices, choice => choice.Word == text);
                if (at < 0)
                {
                    result.AddError($"{name} {text}: {words}");
                }

                return choices[Math.Max(at, 0)].Value;
            },
            DefaultValueFactory = _ => choices[0].Value,
        };
    }

    private static int ParseNumber(ArgumentResult result, int low, int high, string expected)
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= low && number <= high)
        {
            return number;
        }

        result.AddError($"{((OptionResult)result.Parent!).Option.Name} {text}: {expected}");
        return 0;
    }

    private static List<PixelSize> ParseSizes(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        var sizes = new List<PixelSize>();
        foreach (string size in text.Split(':'))
        {
            string[] parts = size.Split('x');
            if (parts.Length != 2 || !IsSide(parts[0], out int width) || !IsSide(parts[1], out int height))
            {
                result.AddError($"--size {text}: WIDTHxHEIGHT with 16 to {LargestSide} pixels each, for example 1280x800, or several with colons between");
                return [];
            }

            sizes.Add(new PixelSize(width, height));
        }

        return sizes;
    }

    private static bool IsSide(string text, out int pixels) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out pixels) && pixels is >= 16 and <= LargestSide;
}
