using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>
/// What is used of EGL (<c>EGL/egl.h</c>, <c>EGL/eglext.h</c>) and of OpenGL beside SDL's renderer. The library is loaded only
/// where SDL has a context of it. Attribute lists end with EGL_NONE.
/// </summary>
internal static unsafe partial class Egl
{
    public const string Library = "libEGL.so.1";

    public const uint EGL_TRUE = 1;
    public const int EGL_NONE = 0x3038;
    public const int EGL_EXTENSIONS = 0x3055;
    public const int EGL_WIDTH = 0x3057;
    public const int EGL_HEIGHT = 0x3056;
    public const uint EGL_LINUX_DMA_BUF_EXT = 0x3270;
    public const int EGL_LINUX_DRM_FOURCC_EXT = 0x3271;

    /// <summary>EGL_KHR_fence_sync.</summary>
    public const uint EGL_SYNC_FENCE_KHR = 0x30F9;

    public const int EGL_SYNC_FLUSH_COMMANDS_BIT_KHR = 1;

    public const int GL_NO_ERROR = 0;
    public const int GL_EXTENSIONS = 0x1F03;
    public const int GL_RENDERER = 0x1F01;
    public const int GL_VERSION = 0x1F02;
    public const int GL_ALPHA_BITS = 0x0D55;
    public const int GL_TEXTURE_2D = 0x0DE1;
    public const int GL_TEXTURE_BINDING_2D = 0x8069;
    public const int GL_NEAREST = 0x2600;
    public const uint GL_COLOR_BUFFER_BIT = 0x4000;
    public const int GL_READ_FRAMEBUFFER = 0x8CA8;
    public const int GL_COLOR_ATTACHMENT0 = 0x8CE0;
    public const int GL_FRAMEBUFFER_COMPLETE = 0x8CD5;

    [LibraryImport(Library)]
    public static partial nint eglGetCurrentDisplay();

    [LibraryImport(Library)]
    public static partial byte* eglQueryString(nint display, int name);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void* eglGetProcAddress(string name);

    /// <summary>EGL_DMA_BUF_PLANEn_FD_EXT; its offset and pitch follow it.</summary>
    public static int PlaneFd(int plane) => plane < 3 ? 0x3272 + (3 * plane) : 0x3440;

    /// <summary>EGL_DMA_BUF_PLANEn_MODIFIER_LO_EXT; the high half follows it.</summary>
    public static int PlaneModifier(int plane) => 0x3443 + (2 * plane);

    public static bool HasName(byte* list, string name) =>
        (Marshal.PtrToStringUTF8((nint)list) ?? "").Split(' ').Contains(name, StringComparer.Ordinal);
}
