using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>A sprite as a texture that lies over the picture, uploaded when another one comes.</summary>
internal sealed unsafe class SdlSprite(SdlRendererHandle renderer)
{
    private SdlTextureHandle? _texture;
    private Sprite? _uploaded;

    /// <param name="sprite">Not changed from now on.</param>
    /// <param name="target">Pixels of the window.</param>
    public void Draw(Sprite sprite, SDL_Rect target)
    {
        if (_texture is null || !ReferenceEquals(sprite, _uploaded))
        {
            Forget();
            _texture = SdlPainter.MakeTexture(renderer, Sdl2.SDL_PIXELFORMAT_ARGB8888, sprite.Width, sprite.Height);
            _ = Sdl2.SDL_SetTextureBlendMode(_texture, Sdl2.SDL_BLENDMODE_BLEND);
            _uploaded = sprite;
            // SDL copies during the call.
            fixed (uint* pixels = sprite.Straight())
            {
                SdlPainter.Check(Sdl2.SDL_UpdateTexture(_texture, null, pixels, sprite.Width * sizeof(uint)), "SDL_UpdateTexture");
            }
        }

        SdlPainter.Check(Sdl2.SDL_RenderCopy(renderer, _texture, null, &target), "SDL_RenderCopy");
    }

    /// <summary>Lets the texture go; it is made again when it is drawn again.</summary>
    public void Forget()
    {
        _texture?.Dispose();
        _texture = null;
    }

    /// <summary>Leaves the texture to the end of the process.</summary>
    public void Abandon() => _texture?.SetHandleAsInvalid();
}
