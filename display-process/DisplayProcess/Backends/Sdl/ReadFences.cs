using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// Says when the driver has read what it was told to draw: EGL_KHR_fence_sync, and where that is missing it is told to be done at once.
/// </summary>
/// <param name="display">Initialised; all contexts are of it.</param>
internal sealed unsafe class ReadFences(nint display)
{
    // A driver that needs longer hangs. The guest is not to hang with it, but a CPU may need long for a picture.
    private const ulong PatienceNanoseconds = 3_000_000_000;

    private readonly bool _hasFences = Egl.HasName(Egl.eglQueryString(display, Egl.EGL_EXTENSIONS), "EGL_KHR_fence_sync");
    private readonly delegate* unmanaged[Cdecl]<nint, uint, int*, nint> _create =
        (delegate* unmanaged[Cdecl]<nint, uint, int*, nint>)Egl.eglGetProcAddress("eglCreateSyncKHR");

    private readonly delegate* unmanaged[Cdecl]<nint, nint, uint> _destroy =
        (delegate* unmanaged[Cdecl]<nint, nint, uint>)Egl.eglGetProcAddress("eglDestroySyncKHR");

    private readonly delegate* unmanaged[Cdecl]<nint, nint, int, ulong, int> _wait =
        (delegate* unmanaged[Cdecl]<nint, nint, int, ulong, int>)Egl.eglGetProcAddress("eglClientWaitSyncKHR");

    private readonly delegate* unmanaged[Cdecl]<void> _finish = (delegate* unmanaged[Cdecl]<void>)Egl.eglGetProcAddress("glFinish");

    /// <summary>A fence behind all that the current context was told so far; the next present sends it on its way, or a wait in that context.</summary>
    /// <returns>0: it is all done.</returns>
    public nint Create()
    {
        nint fence = _hasFences ? _create(display, Egl.EGL_SYNC_FENCE_KHR, null) : 0;
        if (fence == 0)
        {
            _finish();
        }

        return fence;
    }

    /// <summary>Waits for a fence; 0 is none.</summary>
    public void Wait(nint fence)
    {
        if (fence != 0)
        {
            _ = _wait(display, fence, Egl.EGL_SYNC_FLUSH_COMMANDS_BIT_KHR, PatienceNanoseconds);
        }
    }

    public void Destroy(nint fence)
    {
        if (fence != 0)
        {
            _ = _destroy(display, fence);
        }
    }
}
