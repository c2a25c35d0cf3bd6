using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>Draws a head into a window: the picture as a streaming texture that only its damage is uploaded to, the banner above.</summary>
internal sealed unsafe class SdlPainter
{
    private readonly SdlRendererHandle _renderer;
    private SdlTextureHandle? _picture;
    private (int Width, int Height) _pictureSize;
    private SdlTextureHandle? _banner;
    private (int Width, int Height) _bannerSize;
    private (string? Text, int Width) _bannerKey;

    /// <param name="window">Where it draws.</param>
    /// <param name="kind">What the user asked for.</param>
    /// <param name="openGl">What OpenGL there is; none also where it is not wanted.</param>
    /// <exception cref="DisplayException">The window cannot be drawn so.</exception>
    public SdlPainter(SdlWindowHandle window, RendererKind kind, OpenGlPlatform openGl)
    {
        bool accelerated = openGl != OpenGlPlatform.None;
        SdlRendererHandle renderer = Create(window, accelerated ? Sdl2.SDL_RENDERER_ACCELERATED : Sdl2.SDL_RENDERER_SOFTWARE);
        if (renderer.IsInvalid && kind == RendererKind.Auto && accelerated)
        {
            renderer = Create(window, Sdl2.SDL_RENDERER_SOFTWARE);
        }

        if (renderer.IsInvalid)
        {
            throw new DisplayException(
                $"no {(accelerated ? "accelerated" : "software")} renderer: {Sdl2.LastError()}; "
                + $"try --renderer {(accelerated ? "software" : "accelerated")}");
        }

        _renderer = renderer;
        SDL_RendererInfo info;
        Name = Sdl2.SDL_GetRendererInfo(renderer, &info) == 0 ? Sdl2.Text(info.Name) : "unknown";
    }

    /// <summary>SDL's name of the renderer, for example <c>software</c> or <c>opengl</c>.</summary>
    public string Name { get; }

    /// <summary>Pixels of the window.</summary>
    public (int Width, int Height) OutputSize
    {
        get
        {
            int width = 0;
            int height = 0;
            _ = Sdl2.SDL_GetRendererOutputSize(_renderer, &width, &height);
            return (Math.Max(1, width), Math.Max(1, height));
        }
    }

    /// <summary>The GPU lost what it had: everything is uploaded again.</summary>
    public void Forget()
    {
        _picture?.Dispose();
        _picture = null;
        _banner?.Dispose();
        _banner = null;
        _bannerKey = default;
    }

    /// <summary>Uploads the head's damage, clears it, and shows the result.</summary>
    /// <param name="viewport">Where the picture goes; of no meaning without a picture.</param>
    public void Draw(Head head, Viewport viewport)
    {
        // A picture that covers the window needs no background.
        if (head.Canvas is null || OutputSize != (viewport.Width, viewport.Height))
        {
            _ = Sdl2.SDL_SetRenderDrawColor(_renderer, 0, 0, 0, 255);
            _ = Sdl2.SDL_RenderClear(_renderer);
        }

        if (head.Canvas is { } canvas)
        {
            Upload(canvas, head.Damage);
            head.Damage.Clear();
            var target = new SDL_Rect { X = viewport.X, Y = viewport.Y, W = viewport.Width, H = viewport.Height };
            Check(Sdl2.SDL_RenderCopy(_renderer, _picture!, null, &target), "SDL_RenderCopy");
        }

        DrawBanner(head.Banner);
        Sdl2.SDL_RenderPresent(_renderer);
    }

    /// <summary>Leaves everything to the end of the process.</summary>
    public void Abandon()
    {
        _picture?.SetHandleAsInvalid();
        _banner?.SetHandleAsInvalid();
        _renderer.SetHandleAsInvalid();
    }

    private void Upload(Canvas canvas, DamageList damage)
    {
        if (_picture is null || _pictureSize != (canvas.Width, canvas.Height))
        {
            _picture?.Dispose();
            _picture = MakeTexture(Sdl2.SDL_PIXELFORMAT_XRGB8888, canvas.Width, canvas.Height);
            _pictureSize = (canvas.Width, canvas.Height);
            _ = Sdl2.SDL_SetTextureScaleMode(_picture, Sdl2.SDL_ScaleModeLinear);
            damage.SetAll(canvas.Width, canvas.Height);
        }

        // SDL copies during the call; the rectangles were checked against this canvas's size.
        fixed (uint* pixels = canvas.Pixels)
        {
            foreach (Wires.Display.DamageRectangle part in damage.Rectangles)
            {
                var rectangle = new SDL_Rect { X = (int)part.X, Y = (int)part.Y, W = (int)part.Width, H = (int)part.Height };
                uint* first = pixels + ((long)rectangle.Y * canvas.Width) + rectangle.X;
                Check(Sdl2.SDL_UpdateTexture(_picture, &rectangle, first, canvas.Width * sizeof(uint)), "SDL_UpdateTexture");
            }
        }
    }

    private void DrawBanner(string? text)
    {
        int windowWidth = OutputSize.Width;
        if (_bannerKey != (text, windowWidth))
        {
            _bannerKey = (text, windowWidth);
            _banner?.Dispose();
            _banner = text is null ? null : MakeBanner(text, windowWidth);
        }

        if (_banner is not null)
        {
            var target = new SDL_Rect
            {
                X = (windowWidth - _bannerSize.Width) / 2,
                Y = 0,
                W = _bannerSize.Width,
                H = _bannerSize.Height,
            };
            Check(Sdl2.SDL_RenderCopy(_renderer, _banner, null, &target), "SDL_RenderCopy");
        }
    }

    private SdlTextureHandle MakeBanner(string text, int windowWidth)
    {
        Sprite sprite = Banner.Draw(text, windowWidth);
        SdlTextureHandle texture = MakeTexture(Sdl2.SDL_PIXELFORMAT_ARGB8888, sprite.Width, sprite.Height);
        _ = Sdl2.SDL_SetTextureBlendMode(texture, Sdl2.SDL_BLENDMODE_BLEND);
        _bannerSize = (sprite.Width, sprite.Height);
        fixed (uint* pixels = sprite.Straight())
        {
            Check(Sdl2.SDL_UpdateTexture(texture, null, pixels, sprite.Width * sizeof(uint)), "SDL_UpdateTexture");
        }

        return texture;
    }

    private SdlTextureHandle MakeTexture(uint format, int width, int height)
    {
        SdlTextureHandle texture = Sdl2.SDL_CreateTexture(_renderer, format, Sdl2.SDL_TEXTUREACCESS_STREAMING, width, height);
        return texture.IsInvalid
            ? throw new DisplayException($"a picture of {width}x{height} cannot be shown: {Sdl2.LastError()}; try --renderer software")
            : texture;
    }

    private static SdlRendererHandle Create(SdlWindowHandle window, uint flags)
    {
        using (GlContextGuard.Enter())
        {
            return Sdl2.SDL_CreateRenderer(window, -1, flags);
        }
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new DisplayException($"{call} failed: {Sdl2.LastError()}");
        }
    }
}
