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
    private readonly SdlSprite _cursor;
    private readonly SdlSprite _banner;
    private Sprite? _bannerSprite;
    private bool _textureIsStale;
    private bool _isSmooth;
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
        _cursor = new SdlSprite(renderer);
        _banner = new SdlSprite(renderer);
        SDL_RendererInfo info;
        Name = Sdl2.SDL_GetRendererInfo(renderer, &info) == 0 ? Sdl2.Text(info.Name) : "unknown";
        if (openGl == OpenGlPlatform.EGL)
        {
            using GlContextGuard guard = GlContextGuard.Enter();
            Importer = DmaBufImporter.TryCreate(renderer, Name, takesSoftware: kind == RendererKind.Accelerated);
        }
    }

    /// <summary>SDL's name of the renderer, for example <c>software</c> or <c>opengl</c>.</summary>
    public string Name { get; }

    /// <summary>What takes dma-bufs for this window; null: they are mapped.</summary>
    public DmaBufImporter? Importer { get; }

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
        _cursor.Forget();
        _banner.Forget();
    }

    /// <summary>Uploads the head's damage, clears it, and draws the picture; <see cref="Present"/> shows it.</summary>
    /// <param name="viewport">Where the picture goes; of no meaning without a picture.</param>
    /// <param name="withCursor">The guest's cursor is a part of the picture, for the host's own pointer is not there.</param>
    public void Draw(Head head, Viewport viewport, bool withCursor)
    {
        (int Width, int Height) window = OutputSize;
        // A picture that covers the window needs no background.
        if (head.Canvas is null || window != (viewport.Width, viewport.Height))
        {
            _ = Sdl2.SDL_SetRenderDrawColor(_renderer, 0, 0, 0, 255);
            _ = Sdl2.SDL_RenderClear(_renderer);
        }

        if (head.Canvas is { } canvas)
        {
            var target = new SDL_Rect { X = viewport.X, Y = viewport.Y, W = viewport.Width, H = viewport.Height };
            if (head.Shared is ImportedBuffer imported)
            {
                _textureIsStale = true;
                Check(imported.Show(_renderer, target, window.Height), "showing a dma-buf");
            }
            else
            {
                Upload(head, canvas);
                SmoothIf((viewport.Width, viewport.Height) != (canvas.Width, canvas.Height));
                Check(Sdl2.SDL_RenderCopy(_renderer, _picture!, null, &target), "SDL_RenderCopy");
            }

            head.Damage.Clear();
            if (withCursor && head.Cursor is { } cursor)
            {
                _cursor.Draw(cursor, CursorTarget(head, cursor, canvas, viewport));
            }
        }

        DrawBanner(head.Banner, window.Width);
        if (head is { Canvas: not null, Shared: ImportedBuffer drawn })
        {
            Check(Sdl2.SDL_RenderFlush(_renderer), "SDL_RenderFlush");
            drawn.WasDrawn();
        }
    }

    /// <summary>Gives what was drawn to the window system.</summary>
    public void Present() => Sdl2.SDL_RenderPresent(_renderer);

    /// <summary>Leaves everything to the end of the process.</summary>
    public void Abandon()
    {
        _picture?.SetHandleAsInvalid();
        _cursor.Abandon();
        _banner.Abandon();
        _renderer.SetHandleAsInvalid();
    }

    private void Upload(Head head, Canvas canvas)
    {
        DamageList damage = head.Damage;
        if (_picture is null || _pictureSize != (canvas.Width, canvas.Height) || _textureIsStale)
        {
            _picture?.Dispose();
            _picture = MakeTexture(_renderer, Sdl2.SDL_PIXELFORMAT_XRGB8888, canvas.Width, canvas.Height);
            _pictureSize = (canvas.Width, canvas.Height);
            _textureIsStale = false;
            _isSmooth = false;
            _ = Sdl2.SDL_SetTextureScaleMode(_picture, ScaleMode(isScaled: false));
            damage.SetAll(canvas.Width, canvas.Height);
        }

        if (damage.IsEmpty)
        {
            return;
        }

        head.CountCopy();
        if (head.Shared is MappedBuffer { IsPlain: true } mapped)
        {
            mapped.BeginRead();
            UploadParts(mapped.Pixels, mapped.Stride, damage.Rectangles);
            mapped.EndRead();
            return;
        }

        fixed (uint* pixels = canvas.Pixels)
        {
            UploadParts((byte*)pixels, canvas.Width * sizeof(uint), damage.Rectangles);
        }
    }

    // SDL copies during the call; the rectangles were checked against the picture's size.
    private void UploadParts(byte* pixels, int stride, ReadOnlySpan<Wires.Display.DamageRectangle> parts)
    {
        foreach (Wires.Display.DamageRectangle part in parts)
        {
            var rectangle = new SDL_Rect { X = (int)part.X, Y = (int)part.Y, W = (int)part.Width, H = (int)part.Height };
            byte* first = pixels + ((long)rectangle.Y * stride) + ((long)rectangle.X * sizeof(uint));
            Check(Sdl2.SDL_UpdateTexture(_picture!, &rectangle, first, stride), "SDL_UpdateTexture");
        }
    }

    private void SmoothIf(bool isScaled)
    {
        if (_isSmooth != isScaled)
        {
            _isSmooth = isScaled;
            _ = Sdl2.SDL_SetTextureScaleMode(_picture!, ScaleMode(isScaled));
        }
    }

    private void DrawBanner(string? text, int windowWidth)
    {
        if (_bannerKey != (text, windowWidth))
        {
            _bannerKey = (text, windowWidth);
            _bannerSprite = text is null ? null : Banner.Draw(text, windowWidth);
        }

        if (_bannerSprite is { } banner)
        {
            _banner.Draw(banner, new SDL_Rect { X = (windowWidth - banner.Width) / 2, Y = 0, W = banner.Width, H = banner.Height });
        }
    }

    // As large as the picture is drawn, with its hot spot where the guest has it.
    private static SDL_Rect CursorTarget(Head head, Sprite cursor, Canvas canvas, Viewport viewport)
    {
        double scaleX = (double)viewport.Width / canvas.Width;
        double scaleY = (double)viewport.Height / canvas.Height;
        return new SDL_Rect
        {
            X = viewport.X + (int)Math.Round((head.CursorPosition.X - head.HotSpot.X) * scaleX),
            Y = viewport.Y + (int)Math.Round((head.CursorPosition.Y - head.HotSpot.Y) * scaleY),
            W = Math.Max(1, (int)Math.Round(cursor.Width * scaleX)),
            H = Math.Max(1, (int)Math.Round(cursor.Height * scaleY)),
        };
    }

    /// <summary>How a picture is sampled: without a filter where each of its pixels is one of the window, which takes less where the CPU draws.</summary>
    internal static int ScaleMode(bool isScaled) => isScaled ? Sdl2.SDL_ScaleModeLinear : Sdl2.SDL_ScaleModeNearest;

    /// <exception cref="DisplayException">The renderer has no room for it.</exception>
    internal static SdlTextureHandle MakeTexture(SdlRendererHandle renderer, uint format, int width, int height)
    {
        SdlTextureHandle texture = Sdl2.SDL_CreateTexture(renderer, format, Sdl2.SDL_TEXTUREACCESS_STREAMING, width, height);
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

    internal static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new DisplayException($"{call} failed: {Sdl2.LastError()}");
        }
    }
}
