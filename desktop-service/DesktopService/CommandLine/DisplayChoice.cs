using SplitVmm.Diagnosis;
using SplitVmm.Platform.Text;

namespace SplitVmm.DesktopService.CommandLine;

internal enum DisplayBackend
{
    Sdl,
    Headless,
    None,
}

/// <summary>Where the guest's picture goes.</summary>
/// <param name="Backend">Which kind of display.</param>
/// <param name="Options">Further options of display-process, without their dashes; it judges the values.</param>
internal sealed record DisplayChoice(DisplayBackend Backend, IReadOnlyList<KeyValuePair<string, string>> Options)
{
    private const string FramesKey = "frames";

    private static readonly string[] s_headlessKeys = [FramesKey, "frame-interval", "size", "viewers"];
    private static readonly string[] s_sdlKeys = ["title", "renderer", "size", "touch", "clipboard", "viewers"];

    private static readonly Lazy<bool> s_needsSoftwareGl =
        new(() => WindowSystem.IsWaylandOnly(Environment.GetEnvironmentVariable) && !RenderNodes.HasGpu());

    public DisplayChoice(DisplayBackend backend)
        : this(backend, [])
    {
    }

    /// <summary>
    /// An OpenGL that runs on the CPU may draw the window: where the user insists on OpenGL, and where nothing else draws one.
    /// </summary>
    public bool MayDrawBySoftwareGl => Backend == DisplayBackend.Sdl && Renderer switch
    {
        "accelerated" => true,
        "auto" => s_needsSoftwareGl.Value,
        _ => false,
    };

    /// <summary>Fingers on the window are those on a touch screen of the guest.</summary>
    public bool HasTouch => Options.Contains(new KeyValuePair<string, string>("touch", "on"));

    /// <summary>Viewers of others may attach by the session bus.</summary>
    public bool HasViewers => Options.Contains(new KeyValuePair<string, string>("viewers", "on"));

    /// <summary>Text that is copied goes to the guest's agent and back.</summary>
    public bool HasClipboard => Options.Contains(new KeyValuePair<string, string>("clipboard", "on"));

    /// <summary>Reads <c>sdl|headless|none[,key=value…]</c>.</summary>
    /// <param name="error">One line with the remedy.</param>
    public static bool TryParse(string text, out DisplayChoice choice, out string error)
    {
        choice = new DisplayChoice(DisplayBackend.None);
        string[] parts = text.Split(',');
        DisplayBackend? backend = parts[0] switch
        {
            "sdl" => DisplayBackend.Sdl,
            "headless" => DisplayBackend.Headless,
            "none" => DisplayBackend.None,
            _ => null,
        };
        if (backend is null)
        {
            error = $"display '{parts[0]}' is not one of sdl, headless, none";
            return false;
        }

        choice = new DisplayChoice(backend.Value);
        foreach (string part in parts.AsSpan(1))
        {
            string[] pair = part.Split('=', 2);
            if (pair.Length != 2 || pair[1].Length == 0)
            {
                error = $"display option '{part}' is not key=value";
                return false;
            }

            if (!KeysOf(backend.Value).Contains(pair[0]))
            {
                error = $"display {parts[0]} has no option '{pair[0]}'; {Nearest.Suggest(pair[0], KeysOf(backend.Value))}";
                return false;
            }

            choice = choice.With(pair[0], pair[1]);
        }

        error = "";
        return true;
    }

    /// <summary>The same with a folder for pictures; false if this display writes none.</summary>
    public bool TryAddFrames(string folder, out DisplayChoice choice)
    {
        bool writes = KeysOf(Backend).Contains(FramesKey);
        choice = writes ? With(FramesKey, folder) : this;
        return writes;
    }

    private string Renderer => Options.LastOrDefault(option => option.Key == "renderer").Value ?? "auto";

    private static string[] KeysOf(DisplayBackend backend) => backend switch
    {
        DisplayBackend.Headless => s_headlessKeys,
        DisplayBackend.Sdl => s_sdlKeys,
        _ => [],
    };

    private DisplayChoice With(string key, string value) => new(Backend, [.. Options, new(key, value)]);
}
