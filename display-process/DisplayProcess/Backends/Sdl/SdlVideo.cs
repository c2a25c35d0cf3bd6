using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>SDL's video part, up from construction to the end of the process, on one thread.</summary>
internal sealed unsafe class SdlVideo
{
    /// <exception cref="DisplayException">There is no SDL, or no display; the message says which and what to do.</exception>
    public SdlVideo()
    {
        try
        {
            SetHints();
            if (Sdl2.SDL_Init(Sdl2.SDL_INIT_VIDEO) != 0)
            {
                throw new DisplayException(NoDisplay(Sdl2.LastError()), exitStatus: 3);
            }

            // Otherwise an input method may keep keys for itself.
            Sdl2.SDL_StopTextInput();
            SDL_version version;
            Sdl2.SDL_GetVersion(&version);
            Driver = Sdl2.Text(Sdl2.SDL_GetCurrentVideoDriver());
            Description = $"SDL {version.Major}.{version.Minor}.{version.Patch}, video driver {Driver}";
        }
        catch (DllNotFoundException e)
        {
            throw new DisplayException(
                $"{Sdl2.Library} is missing: install the package libsdl2-2.0-0, or use the headless backend (splitvmm run --display headless)", 3, e);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new DisplayException(
                $"{Sdl2.Library} is older than 2.0.18: update the package libsdl2-2.0-0, or use the headless backend (splitvmm run --display headless)", 3, e);
        }
    }

    /// <summary>For example <c>x11</c> or <c>wayland</c>.</summary>
    public string Driver { get; }

    public string Description { get; }

    private static void SetHints()
    {
        // Ctrl-C and TERM are the host's lifetime's.
        _ = Sdl2.SDL_SetHint("SDL_NO_SIGNAL_HANDLERS", "1");
        // SDL would otherwise take over the text console where it finds no desktop. SDL_VIDEODRIVER still wins.
        bool wayland = Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is { Length: > 0 };
        _ = Sdl2.SDL_SetHint("SDL_VIDEODRIVER", wayland ? "x11,wayland" : "x11");
        _ = Sdl2.SDL_SetHint("SDL_VIDEO_ALLOW_SCREENSAVER", "1");
        _ = Sdl2.SDL_SetHint("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0");
        _ = Sdl2.SDL_SetHint("SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS", "0");
        _ = Sdl2.SDL_SetHint("SDL_QUIT_ON_LAST_WINDOW_CLOSE", "0");
        // The click that brings the window to the front is meant for the guest too.
        _ = Sdl2.SDL_SetHint("SDL_MOUSE_FOCUS_CLICKTHROUGH", "1");
        // A window surface is shared memory with the X server, not a texture of a software GL.
        _ = Sdl2.SDL_SetHint("SDL_FRAMEBUFFER_ACCELERATION", "0");
        _ = Sdl2.SDL_SetHint("SDL_APP_NAME", "SplitVmm");
    }

    private static string NoDisplay(string sdlSays) =>
        $"no display to open a window on ({Variable("DISPLAY")}, {Variable("WAYLAND_DISPLAY")}; SDL says: {sdlSays}): "
        + "start from a desktop session, or use the headless backend (splitvmm run --display headless)";

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? $"{name} is {value}" : $"{name} is not set";
}
