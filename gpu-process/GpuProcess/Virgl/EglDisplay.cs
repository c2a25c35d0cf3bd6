using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Interop;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>An initialised EGL display without any window system, and the API that its contexts are made for.</summary>
internal sealed unsafe class EglDisplay : SafeHandle
{
    private EglDisplay(nint display, string platform, bool isGles)
        : base(0, ownsHandle: true)
    {
        SetHandle(display);
        Platform = platform;
        IsGles = isGles;
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>How the display was opened, for the user.</summary>
    public string Platform { get; }

    /// <summary>Whether contexts are of OpenGL ES, because desktop OpenGL is not to be had.</summary>
    public bool IsGles { get; }

    /// <summary>
    /// Opens the display of a render node, or without one the surfaceless platform, where Mesa draws in software
    /// and other drivers take their first device.
    /// </summary>
    /// <param name="renderNode">Path, for example <c>/dev/dri/renderD128</c>; null: surfaceless.</param>
    /// <exception cref="VirglException">There is no EGL, or no display with contexts without surfaces.</exception>
    public static EglDisplay Open(string? renderNode)
    {
        if (!NativeLibrary.TryLoad(Egl.Library, out _))
        {
            throw new VirglException(
                $"3D needs {Egl.Library}, which is not installed: install libegl1 and libegl-mesa0, or start with --gpu virgl=off");
        }

        nint display = renderNode is null
            ? Egl.eglGetPlatformDisplay(Egl.EGL_PLATFORM_SURFACELESS_MESA, 0, null)
            : Egl.eglGetPlatformDisplay(Egl.EGL_PLATFORM_DEVICE_EXT, EglDevices.Find(renderNode), null);
        string platform = renderNode is null ? "surfaceless" : renderNode;
        if (display == 0 || Egl.eglInitialize(display, null, null) != Egl.EGL_TRUE)
        {
            throw new VirglException(
                $"EGL ({platform}) does not start, error 0x{Egl.eglGetError():x}: install the GPU's EGL driver (package libegl-mesa0), or start with --gpu virgl=off");
        }

        return Choose(display, platform);
    }

    /// <summary>An extension of the display, by its full name.</summary>
    public static bool HasExtension(byte* list, string name) =>
        (Marshal.PtrToStringUTF8((nint)list) ?? "").Split(' ').Contains(name, StringComparer.Ordinal);

    protected override bool ReleaseHandle() => Egl.eglTerminate(handle) == Egl.EGL_TRUE;

    private static EglDisplay Choose(nint display, string platform)
    {
        byte* extensions = Egl.eglQueryString(display, Egl.EGL_EXTENSIONS);
        foreach (string needed in (string[])["EGL_KHR_surfaceless_context", "EGL_KHR_no_config_context"])
        {
            if (!HasExtension(extensions, needed))
            {
                _ = Egl.eglTerminate(display);
                throw new VirglException($"EGL ({platform}) lacks {needed}: choose another with --gpu drm_node=PATH, or start with --gpu virgl=off");
            }
        }

        // libepoxy, which virglrenderer calls OpenGL by, ends the process where its library is missing.
        bool hasGl = NativeLibrary.TryLoad("libOpenGL.so.0", out _) || NativeLibrary.TryLoad("libGL.so.1", out _);
        if (hasGl && CanCreateContext(display, Egl.EGL_OPENGL_API, 3, 1))
        {
            return new EglDisplay(display, platform, isGles: false);
        }

        if (NativeLibrary.TryLoad("libGLESv2.so.2", out _) && CanCreateContext(display, Egl.EGL_OPENGL_ES_API, 3, 0))
        {
            return new EglDisplay(display, platform, isGles: true);
        }

        _ = Egl.eglTerminate(display);
        throw new VirglException(
            $"EGL ({platform}) makes no context of OpenGL 3.1 or OpenGL ES 3.0: install libopengl0 and the GPU's driver, or start with --gpu virgl=off");
    }

    /// <summary>Tried before virglrenderer does it, which aborts where it fails.</summary>
    private static bool CanCreateContext(nint display, uint api, int major, int minor)
    {
        int* attributes = stackalloc int[]
        {
            Egl.EGL_CONTEXT_MAJOR_VERSION, major, Egl.EGL_CONTEXT_MINOR_VERSION, minor, Egl.EGL_NONE,
        };
        if (Egl.eglBindAPI(api) != Egl.EGL_TRUE)
        {
            return false;
        }

        nint context = Egl.eglCreateContext(display, 0, 0, attributes);
        if (context == 0)
        {
            return false;
        }

        bool works = Egl.eglMakeCurrent(display, 0, 0, context) == Egl.EGL_TRUE;
        _ = Egl.eglMakeCurrent(display, 0, 0, 0);
        _ = Egl.eglDestroyContext(display, context);
        return works;
    }
}
