using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// The OpenGL context that is current now, made current again by disposal. Around everything that creates contexts: SDL
/// leaves the new one current, and the caller would go on drawing into it.
/// </summary>
internal readonly struct GlContextGuard : IDisposable
{
    private readonly nint _window;
    private readonly nint _context;

    private GlContextGuard(nint window, nint context)
    {
        _window = window;
        _context = context;
    }

    public static GlContextGuard Enter() => new(Sdl2.SDL_GL_GetCurrentWindow(), Sdl2.SDL_GL_GetCurrentContext());

    /// <exception cref="DisplayException">The context cannot be made current any more.</exception>
    public void Dispose()
    {
        // No context is current on a thread that has none: nothing was replaced that anybody draws into.
        if (_context != 0 && Sdl2.SDL_GL_GetCurrentContext() != _context && Sdl2.SDL_GL_MakeCurrent(_window, _context) != 0)
        {
            throw new DisplayException($"SDL_GL_MakeCurrent failed: {Sdl2.LastError()}");
        }
    }
}
