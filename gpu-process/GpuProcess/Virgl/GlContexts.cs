using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Interop;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>The OpenGL contexts that virglrenderer asks for, without surfaces.</summary>
internal sealed unsafe class GlContexts(EglDisplay display)
{
    private readonly nint _display = display.DangerousGetHandle();

    /// <returns>0 if the driver has no such context; virglrenderer then tries a lower version, or gives up.</returns>
    public nint Create(in VirglRendererGlCtxParam wanted)
    {
        int* attributes = stackalloc int[7];
        int next = 0;
        attributes[next++] = Egl.EGL_CONTEXT_MAJOR_VERSION;
        attributes[next++] = wanted.MajorVer;
        attributes[next++] = Egl.EGL_CONTEXT_MINOR_VERSION;
        attributes[next++] = wanted.MinorVer;
        // Profiles exist from 3.2 on.
        if (!display.IsGles && (wanted.MajorVer > 3 || (wanted.MajorVer == 3 && wanted.MinorVer >= 2)))
        {
            attributes[next++] = Egl.EGL_CONTEXT_OPENGL_PROFILE_MASK;
            attributes[next++] = wanted.CompatCtx != 0
                ? Egl.EGL_CONTEXT_OPENGL_COMPATIBILITY_PROFILE_BIT
                : Egl.EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT;
        }

        attributes[next] = Egl.EGL_NONE;
        nint share = wanted.Shared != 0 ? Egl.eglGetCurrentContext() : 0;
        return Egl.eglCreateContext(_display, 0, share, attributes);
    }

    /// <param name="context">May be 0: the library destroys what it never made.</param>
    public void Destroy(nint context)
    {
        if (context != 0)
        {
            _ = Egl.eglDestroyContext(_display, context);
        }
    }

    public bool MakeCurrent(nint context) => Egl.eglMakeCurrent(_display, 0, 0, context) == Egl.EGL_TRUE;

    /// <summary>GL_RENDERER and GL_VERSION of the current context.</summary>
    public static (string Renderer, string Version) Describe()
    {
        const int GL_RENDERER = 0x1F01;
        const int GL_VERSION = 0x1F02;
        var getString = (delegate* unmanaged[Cdecl]<int, byte*>)Egl.eglGetProcAddress("glGetString");
        return getString is null ? ("unknown", "unknown") : (Text(getString(GL_RENDERER)), Text(getString(GL_VERSION)));

        static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "unknown";
    }
}
