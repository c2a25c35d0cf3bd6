using System.Runtime.InteropServices;
using SplitVmm.Diagnosis;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>dma-bufs as textures of one SDL renderer: EGL_EXT_image_dma_buf_import and GL_OES_EGL_image.</summary>
internal sealed unsafe class DmaBufImporter
{
    private const string Import = "EGL_EXT_image_dma_buf_import";
    private const string ImportModifiers = "EGL_EXT_image_dma_buf_import_modifiers";

    private readonly SdlRendererHandle _renderer;
    private readonly nint _display;
    private readonly bool _takesModifiers;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, uint, nint, int*, nint> _createImage;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, uint> _destroyImage;
    private readonly delegate* unmanaged[Cdecl]<int, nint, void> _imageToTexture;
    private readonly delegate* unmanaged[Cdecl]<int> _getError;

    private DmaBufImporter(SdlRendererHandle renderer, nint display, byte* version)
    {
        _renderer = renderer;
        _display = display;
        _takesModifiers = Egl.HasName(Egl.eglQueryString(display, Egl.EGL_EXTENSIONS), ImportModifiers);
        _createImage = (delegate* unmanaged[Cdecl]<nint, nint, uint, nint, int*, nint>)Egl.eglGetProcAddress("eglCreateImageKHR");
        _destroyImage = (delegate* unmanaged[Cdecl]<nint, nint, uint>)Egl.eglGetProcAddress("eglDestroyImageKHR");
        _imageToTexture = (delegate* unmanaged[Cdecl]<int, nint, void>)Egl.eglGetProcAddress("glEGLImageTargetTexture2DOES");
        _getError = (delegate* unmanaged[Cdecl]<int>)Egl.eglGetProcAddress("glGetError");
        Fences = new ReadFences(display);
        Blit = FramebufferBlit.TryCreate(version);
        Formats = FindFormats();
    }

    /// <summary>When a texture was read.</summary>
    public ReadFences Fences { get; }

    /// <summary>Brings textures into the window; null: they are drawn.</summary>
    public FramebufferBlit? Blit { get; }

    /// <summary>What can be imported and sampled like any texture.</summary>
    public IReadOnlyList<PictureFormat> Formats { get; }

    /// <summary>Looks whether a renderer on EGL can do it, with one texture that is gone afterwards.</summary>
    /// <param name="rendererName">SDL's name of it.</param>
    /// <param name="takesSoftware">
    /// Also where the CPU draws: to be read by it holds a guest's buffer longer than to be copied.
    /// </param>
    /// <returns>Null: it is none of OpenGL's, or its EGL imports nothing.</returns>
    public static DmaBufImporter? TryCreate(SdlRendererHandle renderer, string rendererName, bool takesSoftware)
    {
        if (rendererName is not ("opengl" or "opengles2"))
        {
            return null;
        }

        using SdlTextureHandle probe = MakeTexture(renderer, 1, 1);
        // Makes the renderer's context current, too.
        if (probe.IsInvalid || Sdl2.SDL_GL_BindTexture(probe, null, null) != 0)
        {
            return null;
        }

        DmaBufImporter? importer = TryCreate(renderer, takesSoftware);
        _ = Sdl2.SDL_GL_UnbindTexture(probe);
        return importer is { Formats.Count: > 0 } ? importer : null;
    }

    /// <summary>The dma-buf as a texture, without a copy.</summary>
    /// <param name="planes">One for each plane of the configuration; they stay the caller's.</param>
    /// <returns>Null: the driver refuses it.</returns>
    public ImportedBuffer? TryImport(in DmaBufConfiguration configuration, in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes)
    {
        Span<int> attributes = stackalloc int[6 + (10 * DisplayProtocol.MaxPlanes) + 1];
        Describe(in configuration, in buffer, planes, attributes);
        nint image;
        fixed (int* list = attributes)
        {
            // EGL takes descriptors of its own.
            image = _createImage(_display, 0, Egl.EGL_LINUX_DMA_BUF_EXT, 0, list);
        }

        if (image == 0)
        {
            return null;
        }

        SdlTextureHandle texture = MakeTexture(_renderer, (int)configuration.Width, (int)configuration.Height);
        uint framebuffer = 0;
        bool works = !texture.IsInvalid && Sdl2.SDL_GL_BindTexture(texture, null, null) == 0;
        if (works)
        {
            while (_getError() != Egl.GL_NO_ERROR)
            {
                // What SDL left there is not ours.
            }

            _imageToTexture(Egl.GL_TEXTURE_2D, image);
            works = _getError() == Egl.GL_NO_ERROR;
            framebuffer = works && Blit is not null ? Blit.Attach() : 0;
            _ = Sdl2.SDL_GL_UnbindTexture(texture);
        }

        // The texture keeps the memory.
        _ = _destroyImage(_display, image);
        if (!works)
        {
            texture.Dispose();
            return null;
        }

        _ = Sdl2.SDL_SetTextureScaleMode(texture, SdlPainter.ScaleMode(isScaled: false));
        _ = Sdl2.SDL_SetTextureBlendMode(texture, Sdl2.SDL_BLENDMODE_NONE);
        return new ImportedBuffer(
            this, texture, framebuffer, ((int)configuration.Width, (int)configuration.Height), isUpright: (configuration.Flags & ScanoutFlags.Y0Top) != 0);
    }

    /// <summary>Draws a buffer and reads what became of it, which is also how a driver's own layout becomes plain rows.</summary>
    public void ReadBack(ImportedBuffer buffer, Canvas canvas)
    {
        using SdlTextureHandle target = Sdl2.SDL_CreateTexture(
            _renderer, Sdl2.SDL_PIXELFORMAT_XRGB8888, Sdl2.SDL_TEXTUREACCESS_TARGET, canvas.Width, canvas.Height);
        if (target.IsInvalid || Sdl2.SDL_SetRenderTarget(_renderer, target) != 0)
        {
            throw new DisplayException($"the picture cannot be read back: {Sdl2.LastError()}");
        }

        int result = buffer.Draw(_renderer, null);
        fixed (uint* pixels = canvas.Pixels)
        {
            // As many words as the target has pixels.
            result |= Sdl2.SDL_RenderReadPixels(_renderer, null, Sdl2.SDL_PIXELFORMAT_XRGB8888, pixels, canvas.Width * sizeof(uint));
        }

        result |= Sdl2.SDL_SetRenderTarget(_renderer, SdlTextureHandle.None);
        if (result != 0)
        {
            throw new DisplayException($"the picture cannot be read back: {Sdl2.LastError()}");
        }
    }

    private static DmaBufImporter? TryCreate(SdlRendererHandle renderer, bool takesSoftware)
    {
        nint display = Egl.eglGetCurrentDisplay();
        var getString = (delegate* unmanaged[Cdecl]<int, byte*>)Egl.eglGetProcAddress("glGetString");
        return display != 0 && getString is not null
            && (takesSoftware || !SoftwareGl.Draws(Marshal.PtrToStringUTF8((nint)getString(Egl.GL_RENDERER))))
            && Egl.HasName(Egl.eglQueryString(display, Egl.EGL_EXTENSIONS), Import)
            && Egl.HasName(getString(Egl.GL_EXTENSIONS), "GL_OES_EGL_image")
            ? new DmaBufImporter(renderer, display, getString(Egl.GL_VERSION))
            : null;
    }

    // SDL samples this format as it is, in all its renderers of OpenGL; what the memory holds is the image's own affair.
    private static SdlTextureHandle MakeTexture(SdlRendererHandle renderer, int width, int height) =>
        Sdl2.SDL_CreateTexture(renderer, Sdl2.SDL_PIXELFORMAT_XBGR8888, Sdl2.SDL_TEXTUREACCESS_STATIC, width, height);

    private void Describe(in DmaBufConfiguration configuration, in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes, Span<int> attributes)
    {
        int next = 0;
        void Add(Span<int> list, int name, uint value)
        {
            list[next++] = name;
            list[next++] = (int)value;
        }

        Add(attributes, Egl.EGL_WIDTH, configuration.Width);
        Add(attributes, Egl.EGL_HEIGHT, configuration.Height);
        Add(attributes, Egl.EGL_LINUX_DRM_FOURCC_EXT, (uint)configuration.Format);
        for (int i = 0; i < planes.Length; i++)
        {
            Add(attributes, Egl.PlaneFd(i), (uint)planes[i].Number);
            Add(attributes, Egl.PlaneFd(i) + 1, buffer.Planes[i].Offset);
            Add(attributes, Egl.PlaneFd(i) + 2, buffer.Planes[i].Stride);
            if (_takesModifiers)
            {
                Add(attributes, Egl.PlaneModifier(i), (uint)configuration.Modifier);
                Add(attributes, Egl.PlaneModifier(i) + 1, (uint)(configuration.Modifier >> 32));
            }
        }

        attributes[next] = Egl.EGL_NONE;
    }

    private PictureFormat[] FindFormats()
    {
        DrmFourcc[] known = [.. Enum.GetValues<DrmFourcc>().Where(format => format != DrmFourcc.None)];
        if (!_takesModifiers)
        {
            // Nobody says what there is; these every driver has.
            return [new(DrmFourcc.DRM_FORMAT_XRGB8888, DrmModifiers.DRM_FORMAT_MOD_LINEAR), new(DrmFourcc.DRM_FORMAT_ARGB8888, DrmModifiers.DRM_FORMAT_MOD_LINEAR)];
        }

        var queryFormats = (delegate* unmanaged[Cdecl]<nint, int, int*, int*, uint>)Egl.eglGetProcAddress("eglQueryDmaBufFormatsEXT");
        var queryModifiers = (delegate* unmanaged[Cdecl]<nint, int, int, ulong*, uint*, int*, uint>)Egl.eglGetProcAddress("eglQueryDmaBufModifiersEXT");
        const int Most = 512;
        int* formats = stackalloc int[Most];
        ulong* modifiers = stackalloc ulong[Most];
        uint* external = stackalloc uint[Most];
        int count = 0;
        if (queryFormats(_display, Most, formats, &count) != Egl.EGL_TRUE)
        {
            return [];
        }

        var found = new List<PictureFormat>();
        for (int i = 0; i < Math.Min(count, Most); i++)
        {
            var format = (DrmFourcc)formats[i];
            int modifierCount = 0;
            if (!known.Contains(format) || queryModifiers(_display, formats[i], Most, modifiers, external, &modifierCount) != Egl.EGL_TRUE)
            {
                continue;
            }

            for (int j = 0; j < Math.Min(modifierCount, Most); j++)
            {
                // An external texture is none that SDL could draw.
                if (external[j] == 0 && modifiers[j] != DrmModifiers.DRM_FORMAT_MOD_INVALID)
                {
                    found.Add(new PictureFormat(format, modifiers[j]));
                }
            }
        }

        // Every pair that the wire has room for, the plain ones first.
        return [.. found.OrderBy(item => item.Modifier).Take(DisplayProtocol.MaxFormats)];
    }
}
