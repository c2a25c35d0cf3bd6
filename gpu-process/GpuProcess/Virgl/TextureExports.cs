using System.Runtime.InteropServices;
using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>OpenGL textures as dma-bufs: EGL_MESA_image_dma_buf_export.</summary>
internal sealed unsafe class TextureExports
{
    private const uint EGL_GL_TEXTURE_2D_KHR = 0x30B1;

    private static readonly string[] s_extensions = ["EGL_KHR_image_base", "EGL_KHR_gl_texture_2D_image", "EGL_MESA_image_dma_buf_export"];

    private readonly nint _display;
    private readonly bool _isSoftware;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, uint, nint, int*, nint> _createImage;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, uint> _destroyImage;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int*, int*, ulong*, uint> _query;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int*, int*, int*, uint> _export;
    private readonly delegate* unmanaged[Cdecl]<void> _flush;
    private readonly delegate* unmanaged[Cdecl]<void> _finish;

    private TextureExports(EglDisplay display, bool isSoftware)
    {
        _display = display.DangerousGetHandle();
        _isSoftware = isSoftware;
        _createImage = (delegate* unmanaged[Cdecl]<nint, nint, uint, nint, int*, nint>)Egl.eglGetProcAddress("eglCreateImageKHR");
        _destroyImage = (delegate* unmanaged[Cdecl]<nint, nint, uint>)Egl.eglGetProcAddress("eglDestroyImageKHR");
        _query = (delegate* unmanaged[Cdecl]<nint, nint, int*, int*, ulong*, uint>)Egl.eglGetProcAddress("eglExportDMABUFImageQueryMESA");
        _export = (delegate* unmanaged[Cdecl]<nint, nint, int*, int*, int*, uint>)Egl.eglGetProcAddress("eglExportDMABUFImageMESA");
        _flush = (delegate* unmanaged[Cdecl]<void>)Egl.eglGetProcAddress("glFlush");
        _finish = (delegate* unmanaged[Cdecl]<void>)Egl.eglGetProcAddress("glFinish");
    }

    /// <param name="renderer">GL_RENDERER: software has its textures in ordinary memory.</param>
    /// <param name="why">If the display cannot: the reason, in one line.</param>
    public static TextureExports? TryCreate(EglDisplay display, string renderer, out string why)
    {
        byte* list = Egl.eglQueryString(display.DangerousGetHandle(), Egl.EGL_EXTENSIONS);
        string? lacking = Array.Find(s_extensions, name => !EglDisplay.HasExtension(list, name));
        why = lacking is null ? "" : $"EGL ({display.Platform}) lacks {lacking}";
        bool isSoftware = SoftwareGl.Draws(renderer);
        return lacking is null ? new TextureExports(display, isSoftware) : null;
    }

    /// <param name="texture">Of the current context.</param>
    /// <param name="why">If the driver does not: the reason, in one line.</param>
    public ExportedPicture? TryExport(uint texture, bool isUpright, out string why)
    {
        // A driver may move the texture to memory that can be shared: nothing may be on its way to the old place.
        _finish();
        nint image = _createImage(_display, Egl.eglGetCurrentContext(), EGL_GL_TEXTURE_2D_KHR, (nint)texture, null);
        if (image == 0)
        {
            why = $"the driver makes no EGL image of the texture, error 0x{Egl.eglGetError():x}";
            return null;
        }

        ExportedPicture? picture = TryExport(image, isUpright, out why);
        // The dma-bufs keep the memory.
        _ = _destroyImage(_display, image);
        return picture;
    }

    /// <summary>What was drawn is on its way; without a GPU it is there.</summary>
    public void Flush()
    {
        if (_isSoftware)
        {
            // Nobody who has the dma-buf could wait for the threads of a software renderer.
            _finish();
        }
        else
        {
            _flush();
        }
    }

    private ExportedPicture? TryExport(nint image, bool isUpright, out string why)
    {
        int fourcc = 0;
        int count = 0;
        ulong* modifiers = stackalloc ulong[DisplayProtocol.MaxPlanes];
        why = "the driver does not say how the texture lies in memory";
        if (_query(_display, image, &fourcc, &count, null) != Egl.EGL_TRUE || count is < 1 or > DisplayProtocol.MaxPlanes
            || _query(_display, image, &fourcc, &count, modifiers) != Egl.EGL_TRUE)
        {
            return null;
        }

        int* numbers = stackalloc int[] { -1, -1, -1, -1 };
        int* strides = stackalloc int[DisplayProtocol.MaxPlanes];
        int* offsets = stackalloc int[DisplayProtocol.MaxPlanes];
        if (_export(_display, image, numbers, strides, offsets) != Egl.EGL_TRUE || numbers[0] < 0)
        {
            why = $"the driver exports no dma-buf (eglExportDMABUFImageMESA, error 0x{Egl.eglGetError():x})";
            return null;
        }

        var files = new Descriptor[count];
        var planes = new DmaBufPlane[count];
        for (int i = 0; i < count; i++)
        {
            // A driver may give one descriptor for planes of the same buffer.
            files[i] = numbers[i] >= 0 ? new Descriptor(numbers[i]) : files[i - 1].Duplicate();
            planes[i] = new DmaBufPlane { Offset = (uint)offsets[i], Stride = (uint)strides[i] };
        }

        // A driver without modifiers says so by the one that means nothing.
        ulong modifier = modifiers[0];
        return new ExportedPicture(files)
        {
            Format = (DrmFourcc)fourcc,
            Modifier = modifier,
            Flags = isUpright ? ScanoutFlags.Y0Top : ScanoutFlags.None,
            Planes = planes,
            // Also without a GPU: the library's own read-back costs one copy too, and waits for what draws there.
            IsOrdinaryMemory = false,
        };
    }
}
