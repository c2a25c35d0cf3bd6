using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>A dma-buf that the graphics driver draws from.</summary>
/// <param name="texture">Of the importer's renderer, sampled without a filter; owned from here on.</param>
/// <param name="framebuffer">To copy from it by the importer's blit; 0: it is drawn.</param>
/// <param name="size">Pixels.</param>
/// <param name="isUpright">Whether its first row is the top one.</param>
internal sealed unsafe class ImportedBuffer(
    DmaBufImporter importer, SdlTextureHandle texture, uint framebuffer, (int Width, int Height) size, bool isUpright) : SharedBuffer
{
    private nint _read;
    private bool _isSmooth;

    public override string Use => "imported";

    public DmaBufImporter Importer => importer;

    /// <summary>Brings it into the window, behind everything that the renderer was told before.</summary>
    /// <param name="target">In pixels of the window.</param>
    /// <param name="windowHeight">Pixels.</param>
    /// <returns>As SDL's calls: 0 if it was done.</returns>
    public int Show(SdlRendererHandle renderer, SDL_Rect target, int windowHeight)
    {
        if (framebuffer == 0 || (target.W, target.H) != size)
        {
            return Draw(renderer, &target);
        }

        // The second call is for the renderer's context, which a flush of nothing does not make current.
        int result = Sdl2.SDL_RenderFlush(renderer) | Sdl2.SDL_GL_BindTexture(texture, null, null);
        if (result == 0)
        {
            importer.Blit!.Copy(framebuffer, in target, windowHeight, isUpright);
            result = Sdl2.SDL_GL_UnbindTexture(texture);
        }

        return result;
    }

    /// <param name="target">In pixels of the renderer's target; null: all of it.</param>
    /// <returns>As SDL's calls: 0 if it was drawn.</returns>
    public int Draw(SdlRendererHandle renderer, SDL_Rect* target)
    {
        bool isScaled = target is not null && (target->W, target->H) != size;
        if (isScaled != _isSmooth)
        {
            _isSmooth = isScaled;
            _ = Sdl2.SDL_SetTextureScaleMode(texture, SdlPainter.ScaleMode(isScaled));
        }

        return Sdl2.SDL_RenderCopyEx(
            renderer, texture, null, target, 0, null, isUpright ? Sdl2.SDL_FLIP_NONE : Sdl2.SDL_FLIP_VERTICAL);
    }

    /// <summary>The renderer was told to draw it, and its context is current.</summary>
    public void WasDrawn()
    {
        importer.Fences.Destroy(_read);
        _read = importer.Fences.Create();
    }

    public override void AwaitReads() => importer.Fences.Wait(_read);

    public override void Read(Canvas canvas, DamageList stale) => importer.ReadBack(this, canvas);

    protected override void Release()
    {
        importer.Fences.Destroy(_read);
        if (framebuffer != 0 && Sdl2.SDL_GL_BindTexture(texture, null, null) == 0)
        {
            importer.Blit!.Delete(framebuffer);
            _ = Sdl2.SDL_GL_UnbindTexture(texture);
        }

        texture.Dispose();
    }
}
