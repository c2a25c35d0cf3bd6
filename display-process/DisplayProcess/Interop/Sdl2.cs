using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>
/// SDL 2 by its C ABI (<c>libSDL2-2.0.so.0</c>, at least 2.0.18). All on one thread, but for
/// <see cref="SDL_PushEvent"/>. Strings returned belong to SDL.
/// </summary>
internal static unsafe partial class Sdl2
{
    public const string Library = "libSDL2-2.0.so.0";

    public const uint SDL_INIT_VIDEO = 0x20;
    public const int SDL_WINDOWPOS_UNDEFINED = 0x1FFF_0000;
    public const uint SDL_WINDOW_FULLSCREEN_DESKTOP = 0x1001;
    public const uint SDL_WINDOW_RESIZABLE = 0x20;
    public const uint SDL_WINDOW_MAXIMIZED = 0x80;
    public const uint SDL_WINDOW_ALLOW_HIGHDPI = 0x2000;
    public const uint SDL_RENDERER_SOFTWARE = 1;
    public const uint SDL_RENDERER_ACCELERATED = 2;

    /// <summary>Word 0xXXRRGGBB.</summary>
    public const uint SDL_PIXELFORMAT_XRGB8888 = 0x1616_1804;

    /// <summary>Word 0xAARRGGBB, alpha not premultiplied.</summary>
    public const uint SDL_PIXELFORMAT_ARGB8888 = 0x1636_2004;

    /// <summary>Word 0xXXBBGGRR.</summary>
    public const uint SDL_PIXELFORMAT_XBGR8888 = 0x1656_1804;

    public const int SDL_TEXTUREACCESS_STATIC = 0;
    public const int SDL_TEXTUREACCESS_STREAMING = 1;
    public const int SDL_TEXTUREACCESS_TARGET = 2;
    public const int SDL_BLENDMODE_NONE = 0;
    public const int SDL_BLENDMODE_BLEND = 1;
    public const int SDL_FLIP_NONE = 0;
    public const int SDL_FLIP_VERTICAL = 2;
    public const int SDL_ScaleModeNearest = 0;
    public const int SDL_ScaleModeLinear = 1;
    public const ushort KMOD_CTRL = 0x00C0;
    public const ushort KMOD_ALT = 0x0300;

    public const int SDL_GL_RED_SIZE = 0;
    public const int SDL_GL_GREEN_SIZE = 1;
    public const int SDL_GL_BLUE_SIZE = 2;
    public const int SDL_GL_ALPHA_SIZE = 3;

    [LibraryImport(Library)]
    public static partial int SDL_GL_SetAttribute(int attribute, int value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SDL_SetHint(string name, string value);

    [LibraryImport(Library)]
    public static partial int SDL_Init(uint flags);

    [LibraryImport(Library)]
    public static partial void SDL_QuitSubSystem(uint flags);

    [LibraryImport(Library)]
    public static partial nint SDL_GetError();

    [LibraryImport(Library)]
    public static partial void SDL_GetVersion(SDL_version* version);

    [LibraryImport(Library)]
    public static partial nint SDL_GetCurrentVideoDriver();

    [LibraryImport(Library)]
    public static partial int SDL_WaitEventTimeout(SDL_Event* item, int milliseconds);

    [LibraryImport(Library)]
    public static partial int SDL_PollEvent(SDL_Event* item);

    [LibraryImport(Library)]
    public static partial int SDL_PushEvent(SDL_Event* item);

    [LibraryImport(Library)]
    public static partial uint SDL_RegisterEvents(int count);

    [LibraryImport(Library)]
    public static partial void SDL_StopTextInput();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SdlWindowHandle SDL_CreateWindow(string title, int x, int y, int w, int h, uint flags);

    [LibraryImport(Library)]
    public static partial void SDL_DestroyWindow(nint window);

    [LibraryImport(Library)]
    public static partial uint SDL_GetWindowID(SdlWindowHandle window);

    /// <returns>1, or 0 where the window system tells nothing of its own.</returns>
    [LibraryImport(Library)]
    public static partial int SDL_GetWindowWMInfo(SdlWindowHandle window, SDL_SysWMinfo* info);

    [LibraryImport(Library)]
    public static partial uint SDL_GetWindowFlags(SdlWindowHandle window);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SDL_SetWindowTitle(SdlWindowHandle window, string title);

    [LibraryImport(Library)]
    public static partial void SDL_GetWindowSize(SdlWindowHandle window, int* w, int* h);

    [LibraryImport(Library)]
    public static partial void SDL_SetWindowSize(SdlWindowHandle window, int w, int h);

    [LibraryImport(Library)]
    public static partial void SDL_SetWindowMinimumSize(SdlWindowHandle window, int w, int h);

    [LibraryImport(Library)]
    public static partial void SDL_RestoreWindow(SdlWindowHandle window);

    [LibraryImport(Library)]
    public static partial void SDL_RaiseWindow(SdlWindowHandle window);

    [LibraryImport(Library)]
    public static partial int SDL_SetWindowFullscreen(SdlWindowHandle window, uint flags);

    [LibraryImport(Library)]
    public static partial void SDL_SetWindowMouseGrab(SdlWindowHandle window, int grabbed);

    [LibraryImport(Library)]
    public static partial void SDL_SetWindowKeyboardGrab(SdlWindowHandle window, int grabbed);

    /// <returns>Not 0: this video driver cannot.</returns>
    [LibraryImport(Library)]
    public static partial int SDL_SetRelativeMouseMode(int enabled);

    /// <returns>The window of this program that has the keyboard; 0 if none has.</returns>
    [LibraryImport(Library)]
    public static partial nint SDL_GetKeyboardFocus();

    /// <returns>UTF-8 for <see cref="SDL_free"/>; empty if there is no text.</returns>
    [LibraryImport(Library)]
    public static partial byte* SDL_GetClipboardText();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SDL_SetClipboardText(string text);

    [LibraryImport(Library)]
    public static partial void SDL_free(void* memory);

    [LibraryImport(Library)]
    public static partial int SDL_GetWindowDisplayIndex(SdlWindowHandle window);

    [LibraryImport(Library)]
    public static partial int SDL_GetDisplayUsableBounds(int display, SDL_Rect* bounds);

    [LibraryImport(Library)]
    public static partial int SDL_GetDisplayDPI(int display, float* diagonal, float* horizontal, float* vertical);

    [LibraryImport(Library)]
    public static partial int SDL_GetCurrentDisplayMode(int display, SDL_DisplayMode* mode);

    /// <param name="path">Null: the library of the platform that SDL was told to prefer when its video part came up.</param>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SDL_GL_LoadLibrary(string? path);

    [LibraryImport(Library)]
    public static partial nint SDL_GL_GetCurrentWindow();

    [LibraryImport(Library)]
    public static partial nint SDL_GL_GetCurrentContext();

    [LibraryImport(Library)]
    public static partial int SDL_GL_MakeCurrent(nint window, nint context);

    [LibraryImport(Library)]
    public static partial SdlRendererHandle SDL_CreateRenderer(SdlWindowHandle window, int index, uint flags);

    [LibraryImport(Library)]
    public static partial void SDL_DestroyRenderer(nint renderer);

    [LibraryImport(Library)]
    public static partial int SDL_GetRendererInfo(SdlRendererHandle renderer, SDL_RendererInfo* info);

    [LibraryImport(Library)]
    public static partial int SDL_GetRendererOutputSize(SdlRendererHandle renderer, int* w, int* h);

    [LibraryImport(Library)]
    public static partial int SDL_SetRenderDrawColor(SdlRendererHandle renderer, byte r, byte g, byte b, byte a);

    [LibraryImport(Library)]
    public static partial int SDL_RenderClear(SdlRendererHandle renderer);

    [LibraryImport(Library)]
    public static partial int SDL_RenderCopy(
        SdlRendererHandle renderer, SdlTextureHandle texture, SDL_Rect* source, SDL_Rect* destination);

    [LibraryImport(Library)]
    public static partial int SDL_RenderCopyEx(
        SdlRendererHandle renderer, SdlTextureHandle texture, SDL_Rect* source, SDL_Rect* destination, double angle, void* center, int flip);

    /// <param name="texture">Of SDL_TEXTUREACCESS_TARGET; none: the window.</param>
    [LibraryImport(Library)]
    public static partial int SDL_SetRenderTarget(SdlRendererHandle renderer, SdlTextureHandle texture);

    [LibraryImport(Library)]
    public static partial int SDL_RenderReadPixels(SdlRendererHandle renderer, SDL_Rect* rectangle, uint format, void* pixels, int pitch);

    /// <summary>Binds the texture of OpenGL behind one of SDL's, in the renderer's context, which is current afterwards.</summary>
    [LibraryImport(Library)]
    public static partial int SDL_GL_BindTexture(SdlTextureHandle texture, float* w, float* h);

    [LibraryImport(Library)]
    public static partial int SDL_GL_UnbindTexture(SdlTextureHandle texture);

    [LibraryImport(Library)]
    public static partial int SDL_RenderFlush(SdlRendererHandle renderer);

    [LibraryImport(Library)]
    public static partial void SDL_RenderPresent(SdlRendererHandle renderer);

    [LibraryImport(Library)]
    public static partial SdlTextureHandle SDL_CreateTexture(SdlRendererHandle renderer, uint format, int access, int w, int h);

    [LibraryImport(Library)]
    public static partial void SDL_DestroyTexture(nint texture);

    [LibraryImport(Library)]
    public static partial int SDL_SetTextureBlendMode(SdlTextureHandle texture, int mode);

    [LibraryImport(Library)]
    public static partial int SDL_SetTextureScaleMode(SdlTextureHandle texture, int mode);

    /// <summary>Copies the pixels before it returns.</summary>
    [LibraryImport(Library)]
    public static partial int SDL_UpdateTexture(SdlTextureHandle texture, SDL_Rect* rectangle, void* pixels, int pitch);

    [LibraryImport(Library)]
    public static partial SdlSurfaceHandle SDL_CreateRGBSurfaceWithFormatFrom(
        void* pixels, int w, int h, int depth, int pitch, uint format);

    [LibraryImport(Library)]
    public static partial void SDL_FreeSurface(nint surface);

    /// <summary>Copies the surface's pixels.</summary>
    [LibraryImport(Library)]
    public static partial SdlCursorHandle SDL_CreateColorCursor(SdlSurfaceHandle surface, int hotX, int hotY);

    [LibraryImport(Library)]
    public static partial void SDL_SetCursor(SdlCursorHandle cursor);

    [LibraryImport(Library)]
    public static partial void SDL_FreeCursor(nint cursor);

    [LibraryImport(Library)]
    public static partial int SDL_ShowCursor(int toggle);

    /// <summary>The text of SDL_GetError.</summary>
    public static string LastError() => Text(SDL_GetError());

    /// <summary>A C string that belongs to SDL.</summary>
    public static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";
}
