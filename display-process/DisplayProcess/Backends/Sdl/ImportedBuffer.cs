using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>A dma-buf that the graphics driver draws from.</summary>
/// <param name="texture">Of the importer's renderer, sampled without a filter; owned from here on.</param>
/// <param name="size">Pixels.</param>
/// <param name="isUpright">Whether its first row is the top one.</param>
internal sealed unsafe class ImportedBuffer(DmaBufImporter importer, SdlTextureHandle texture, (int Width, int Height) size, bool isUpright) : SharedBuffer
{
    private nint _read;
    private bool _isSmooth;

    public override string Use => "imported";

    public DmaBufImporter Importer => importer;

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

    /// <summary>The renderer was told to draw it, and its context is current. What it was told is on its way by the next present.</summary>
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
        texture.Dispose();
    }
}
