namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>By what SDL reaches OpenGL.</summary>
internal enum OpenGlPlatform
{
    /// <summary>Not at all: windows are drawn by the CPU.</summary>
    None,

    /// <summary>EGL, which can also import dma-bufs.</summary>
    EGL,

    /// <summary>GLX, on X11 only.</summary>
    GLX,
}
