using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>
/// An object of SDL. SDL's video calls belong to one thread, so the owner disposes these on it; the finalizer is a
/// last resort at the end of the process only.
/// </summary>
internal abstract class SdlHandle : SafeHandle
{
    protected SdlHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;
}

/// <summary><c>SDL_Window</c>.</summary>
internal sealed class SdlWindowHandle : SdlHandle
{
    protected override bool ReleaseHandle()
    {
        Sdl2.SDL_DestroyWindow(handle);
        return true;
    }
}

/// <summary><c>SDL_Renderer</c>; destroyed before its window, after its textures.</summary>
internal sealed class SdlRendererHandle : SdlHandle
{
    protected override bool ReleaseHandle()
    {
        Sdl2.SDL_DestroyRenderer(handle);
        return true;
    }
}

/// <summary><c>SDL_Texture</c>; destroyed before its renderer.</summary>
internal sealed class SdlTextureHandle : SdlHandle
{
    /// <summary>No texture, for calls that take one or none.</summary>
    public static SdlTextureHandle None { get; } = new();

    protected override bool ReleaseHandle()
    {
        Sdl2.SDL_DestroyTexture(handle);
        return true;
    }
}

/// <summary><c>SDL_Surface</c> over pixels of the caller, who keeps them in place until disposal.</summary>
internal sealed class SdlSurfaceHandle : SdlHandle
{
    protected override bool ReleaseHandle()
    {
        Sdl2.SDL_FreeSurface(handle);
        return true;
    }
}

/// <summary><c>SDL_Cursor</c>; SDL keeps the current one alive by itself.</summary>
internal sealed class SdlCursorHandle : SdlHandle
{
    protected override bool ReleaseHandle()
    {
        Sdl2.SDL_FreeCursor(handle);
        return true;
    }
}
