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

    private static readonly Option<int?> s_displayFd = DescriptorOption.Create("--display-fd", "Inherited display wire");

    private static readonly Option<int?> s_inputFd = DescriptorOption.Create("--input-fd", "Inherited input wire");

    private static readonly Option<int?> s_agentFd = DescriptorOption.Create("--agent-fd", "Inherited agent wire");

    private static readonly Option<int?> s_controlFd = DescriptorOption.Create("--control-fd", "Inherited control connection");

    private static readonly Option<int?> s_plugFd = DescriptorOption.Create("--plug-fd", "Inherited plug wire, over which a new display wire may come");

    private static readonly Option<BackendKind> s_backend = new("--backend")
    {
        Description = "Where pictures go",
        DefaultValueFactory = _ => BackendKind.Sdl,
    };

    private static readonly Option<RendererKind> s_renderer = new("--renderer")
    {
        Description = "How the SDL window is drawn",
        DefaultValueFactory = _ => RendererKind.Auto,
    };

    private static readonly Option<TouchKind> s_touch = new("--touch")
    {
        Description = "Whether fingers go to a touch screen of the guest (sdl)",
        DefaultValueFactory = _ => TouchKind.Off,
    };

    private static readonly Option<ClipboardKind> s_clipboard = new("--clipboard")
    {
        Description = "Whether copied text goes to the guest's agent and back (sdl)",
        DefaultValueFactory = _ => ClipboardKind.Off,
    };

    private static readonly Option<ViewersKind> s_viewers = new("--viewers")
    {
        Description = "Whether viewers that speak QEMU's D-Bus display may come over the plug wire",
        DefaultValueFactory = _ => ViewersKind.Off,
    };

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
        Touch = result.GetValue(s_touch),
        Clipboard = result.GetValue(s_clipboard),
        HasViewers = result.GetValue(s_viewers) == ViewersKind.On,
        FramesFolder = result.GetValue(s_frames),
        FrameInterval = result.GetValue(s_interval) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
        Title = result.GetValue(s_title)!,
        Heads = result.GetValue(s_heads),
        Sizes = result.GetValue(s_size)!,
    };

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
