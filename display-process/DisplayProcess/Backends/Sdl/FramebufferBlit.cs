using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// Brings a texture's pixels into the window as they are: glBlitFramebuffer of OpenGL 3.0 and OpenGL ES 3.0. Where a CPU draws, that takes
/// about two thirds of the time of a textured rectangle.
/// </summary>
internal sealed unsafe class FramebufferBlit
{
    private readonly delegate* unmanaged[Cdecl]<int, int*, void> _getInteger;
    private readonly delegate* unmanaged[Cdecl]<int, uint*, void> _generate;
    private readonly delegate* unmanaged[Cdecl]<int, uint*, void> _delete;
    private readonly delegate* unmanaged[Cdecl]<int, uint, void> _bind;
    private readonly delegate* unmanaged[Cdecl]<int, int, int, uint, int, void> _attach;
    private readonly delegate* unmanaged[Cdecl]<int, int> _checkStatus;
    private readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, int, int, int, uint, int, void> _blit;

    private FramebufferBlit()
    {
        _getInteger = (delegate* unmanaged[Cdecl]<int, int*, void>)Egl.eglGetProcAddress("glGetIntegerv");
        _generate = (delegate* unmanaged[Cdecl]<int, uint*, void>)Egl.eglGetProcAddress("glGenFramebuffers");
        _delete = (delegate* unmanaged[Cdecl]<int, uint*, void>)Egl.eglGetProcAddress("glDeleteFramebuffers");
        _bind = (delegate* unmanaged[Cdecl]<int, uint, void>)Egl.eglGetProcAddress("glBindFramebuffer");
        _attach = (delegate* unmanaged[Cdecl]<int, int, int, uint, int, void>)Egl.eglGetProcAddress("glFramebufferTexture2D");
        _checkStatus = (delegate* unmanaged[Cdecl]<int, int>)Egl.eglGetProcAddress("glCheckFramebufferStatus");
        _blit = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, int, int, uint, int, void>)Egl.eglGetProcAddress("glBlitFramebuffer");
    }

    /// <param name="version">GL_VERSION of the current context, whose window is bound.</param>
    /// <returns>Null: an older OpenGL, or a window with alpha, which a guest's picture has nothing to say about.</returns>
    public static FramebufferBlit? TryCreate(byte* version)
    {
        const string Embedded = "OpenGL ES ";
        string text = Marshal.PtrToStringUTF8((nint)version) ?? "";
        ReadOnlySpan<char> number = text.StartsWith(Embedded, StringComparison.Ordinal) ? text.AsSpan(Embedded.Length) : text;
        if (number.Length < 2 || number[0] is < '3' or > '9' || number[1] != '.')
        {
            return null;
        }

        var blit = new FramebufferBlit();
        int alphaBits = 0;
        blit._getInteger(Egl.GL_ALPHA_BITS, &alphaBits);
        return alphaBits == 0 ? blit : null;
    }

    /// <summary>Makes the texture that is bound one to copy from.</summary>
    /// <returns>A framebuffer of the current context; 0 if the driver does not read from the texture so.</returns>
    public uint Attach()
    {
        int texture = 0;
        _getInteger(Egl.GL_TEXTURE_BINDING_2D, &texture);
        uint framebuffer = 0;
        _generate(1, &framebuffer);
        _bind(Egl.GL_READ_FRAMEBUFFER, framebuffer);
        _attach(Egl.GL_READ_FRAMEBUFFER, Egl.GL_COLOR_ATTACHMENT0, Egl.GL_TEXTURE_2D, (uint)texture, 0);
        bool isComplete = _checkStatus(Egl.GL_READ_FRAMEBUFFER) == Egl.GL_FRAMEBUFFER_COMPLETE;
        _bind(Egl.GL_READ_FRAMEBUFFER, 0);
        if (!isComplete)
        {
            _delete(1, &framebuffer);
            framebuffer = 0;
        }

        return framebuffer;
    }

    /// <param name="framebuffer">Of the current context.</param>
    public void Delete(uint framebuffer) => _delete(1, &framebuffer);

    /// <summary>Copies the whole of a texture to a place of the same size in the current context's window.</summary>
    /// <param name="framebuffer">From <see cref="Attach"/>.</param>
    /// <param name="target">In pixels from the window's upper left corner.</param>
    /// <param name="windowHeight">Pixels; OpenGL counts from the bottom.</param>
    /// <param name="isUpright">Whether the texture's first row is the top one.</param>
    public void Copy(uint framebuffer, in SDL_Rect target, int windowHeight, bool isUpright)
    {
        int top = windowHeight - target.Y;
        int bottom = top - target.H;
        (int first, int last) = isUpright ? (top, bottom) : (bottom, top);
        _bind(Egl.GL_READ_FRAMEBUFFER, framebuffer);
        _blit(0, 0, target.W, target.H, target.X, first, target.X + target.W, last, Egl.GL_COLOR_BUFFER_BIT, Egl.GL_NEAREST);
        // The renderer believes that it is the window that is bound.
        _bind(Egl.GL_READ_FRAMEBUFFER, 0);
    }
}
