using System.Runtime.InteropServices;
using SplitVmm.Diagnosis;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Hosting;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>SDL's video part, up from construction to the end of the process, on one thread.</summary>
internal sealed unsafe class SdlVideo
{
    private const string Remedy = "install the packages libegl1 and libegl-mesa0, or your graphics driver's";

    /// <param name="renderer">How windows are to be drawn; where that is not by OpenGL, no part of it is loaded.</param>
    /// <exception cref="DisplayException">There is no SDL, or no display, or no OpenGL where nothing else draws; the message says which and what to do.</exception>
    public SdlVideo(RendererKind renderer)
    {
        try
        {
            SetHints();
            if (renderer == RendererKind.Accelerated || (renderer == RendererKind.Auto && RenderNodes.HasGpu()))
            {
                (OpenGl, OpenGlRemark) = StartWithOpenGl();
                SetPixelFormat();
            }
            else
            {
                Start(preferEgl: false);
            }

            // Otherwise an input method may keep keys for itself.
            Sdl2.SDL_StopTextInput();
            SDL_version version;
            Sdl2.SDL_GetVersion(&version);
            Driver = Sdl2.Text(Sdl2.SDL_GetCurrentVideoDriver());
            if (renderer == RendererKind.Auto && OpenGl == OpenGlPlatform.None && NeedsOpenGl)
            {
                OpenGl = Sdl2.SDL_GL_LoadLibrary(null) == 0
                    ? OpenGlPlatform.EGL
                    : throw new DisplayException($"OpenGL, without which SDL shows nothing on Wayland, does not work ({Sdl2.LastError()}); {Remedy}", ExitStatus.HostUnfit);
                SetPixelFormat();
            }

            Description = $"SDL {version.Major}.{version.Minor}.{version.Patch}, video driver {Driver}";
        }
        catch (DllNotFoundException e)
        {
            throw new DisplayException(
                $"{Sdl2.Library} is missing: install the package libsdl2-2.0-0, or use the headless backend (splitvmm run --display headless)", ExitStatus.HostUnfit, e);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new DisplayException(
                $"{Sdl2.Library} is older than 2.0.18: update the package libsdl2-2.0-0, or use the headless backend (splitvmm run --display headless)", ExitStatus.HostUnfit, e);
        }
    }

    /// <summary>For example <c>x11</c> or <c>wayland</c>.</summary>
    public string Driver { get; }

    public string Description { get; }

    /// <summary>What OpenGL is there; known before the first output is announced.</summary>
    public OpenGlPlatform OpenGl { get; }

    /// <summary>One line about what is missing, with the remedy; null: nothing, or OpenGL was not asked for.</summary>
    public string? OpenGlRemark { get; }

    private bool NeedsOpenGl => Driver == "wayland" && WindowSystem.IsWaylandOnly(Environment.GetEnvironmentVariable);

    // SDL chooses between EGL and GLX once, when its video part comes up; what was chosen works if its library loads,
    // for then its display was opened and initialised too.
    private static (OpenGlPlatform Platform, string? Remark) StartWithOpenGl()
    {
        string eglProblem = $"{Egl.Library} is missing";
        if (NativeLibrary.TryLoad(Egl.Library, out _))
        {
            Start(preferEgl: true);
            if (Sdl2.SDL_GL_LoadLibrary(null) == 0)
            {
                return (OpenGlPlatform.EGL, null);
            }

            eglProblem = Sdl2.LastError();
            Sdl2.SDL_QuitSubSystem(Sdl2.SDL_INIT_VIDEO);
        }

        Start(preferEgl: false);
        return Sdl2.SDL_GL_LoadLibrary(null) == 0
            ? (OpenGlPlatform.GLX, $"OpenGL by GLX, for EGL does not work ({eglProblem}); {Remedy}")
            : (OpenGlPlatform.None, $"neither GLX ({Sdl2.LastError()}) nor EGL ({eglProblem}) works; {Remedy}");
    }

    private static void Start(bool preferEgl)
    {
        // Of meaning on X11 only. A variable of the same name still wins.
        _ = Sdl2.SDL_SetHint("SDL_VIDEO_X11_FORCE_EGL", preferEgl ? "1" : "0");
        if (Sdl2.SDL_Init(Sdl2.SDL_INIT_VIDEO) != 0)
        {
            throw new DisplayException(NoDisplay(Sdl2.LastError()), ExitStatus.HostUnfit);
        }
    }

    // Without alpha no desktop sees through a window because of what a guest's picture has there.
    private static void SetPixelFormat()
    {
        _ = Sdl2.SDL_GL_SetAttribute(Sdl2.SDL_GL_RED_SIZE, 8);
        _ = Sdl2.SDL_GL_SetAttribute(Sdl2.SDL_GL_GREEN_SIZE, 8);
        _ = Sdl2.SDL_GL_SetAttribute(Sdl2.SDL_GL_BLUE_SIZE, 8);
        _ = Sdl2.SDL_GL_SetAttribute(Sdl2.SDL_GL_ALPHA_SIZE, 0);
    }

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
