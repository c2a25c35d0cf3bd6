using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>What is used of EGL 1.5 (<c>EGL/egl.h</c>, <c>EGL/eglext.h</c>). Attribute lists end with EGL_NONE.</summary>
internal static unsafe partial class Egl
{
    public const string Library = "libEGL.so.1";

    public const uint EGL_TRUE = 1;
    public const int EGL_NONE = 0x3038;
    public const int EGL_EXTENSIONS = 0x3055;
    public const uint EGL_OPENGL_ES_API = 0x30A0;
    public const uint EGL_OPENGL_API = 0x30A2;
    public const int EGL_CONTEXT_MAJOR_VERSION = 0x3098;
    public const int EGL_CONTEXT_MINOR_VERSION = 0x30FB;
    public const int EGL_CONTEXT_OPENGL_PROFILE_MASK = 0x30FD;
    public const int EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT = 1;
    public const int EGL_CONTEXT_OPENGL_COMPATIBILITY_PROFILE_BIT = 2;

    /// <summary>EGL_MESA_platform_surfaceless.</summary>
    public const uint EGL_PLATFORM_SURFACELESS_MESA = 0x31DD;

    /// <summary>EGL_EXT_platform_device.</summary>
    public const uint EGL_PLATFORM_DEVICE_EXT = 0x313F;

    /// <summary>EGL_EXT_device_drm_render_node.</summary>
    public const int EGL_DRM_RENDER_NODE_FILE_EXT = 0x3377;

    [LibraryImport(Library)]
    public static partial nint eglGetPlatformDisplay(uint platform, nint nativeDisplay, nint* attributes);

    [LibraryImport(Library)]
    public static partial uint eglInitialize(nint display, int* major, int* minor);

    [LibraryImport(Library)]
    public static partial uint eglTerminate(nint display);

    [LibraryImport(Library)]
    public static partial byte* eglQueryString(nint display, int name);

    [LibraryImport(Library)]
    public static partial uint eglBindAPI(uint api);

    [LibraryImport(Library)]
    public static partial nint eglCreateContext(nint display, nint config, nint share, int* attributes);

    [LibraryImport(Library)]
    public static partial uint eglDestroyContext(nint display, nint context);

    [LibraryImport(Library)]
    public static partial uint eglMakeCurrent(nint display, nint draw, nint read, nint context);

    [LibraryImport(Library)]
    public static partial nint eglGetCurrentContext();

    [LibraryImport(Library)]
    public static partial int eglGetError();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void* eglGetProcAddress(string name);
}
