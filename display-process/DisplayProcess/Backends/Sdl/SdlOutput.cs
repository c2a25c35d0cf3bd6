using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>Describes a window as if it were a monitor.</summary>
internal static unsafe class SdlOutput
{
    private const double MillimetresPerInch = 25.4;

    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="scale">Which the desktop gave the window.</param>
    public static OutputInfo Describe(SdlWindowHandle window, int scanout, int width, int height, WindowScale scale)
    {
        int display = Math.Max(0, Sdl2.SDL_GetWindowDisplayIndex(window));
        float diagonal, horizontal, vertical;
        bool dotsKnown = Sdl2.SDL_GetDisplayDPI(display, &diagonal, &horizontal, &vertical) == 0 && horizontal > 1 && vertical > 1;
        SDL_DisplayMode mode;
        int hertz = Sdl2.SDL_GetCurrentDisplayMode(display, &mode) == 0 && mode.RefreshRate > 0 ? mode.RefreshRate : 60;
        return new OutputInfo
        {
            Scanout = (uint)scanout,
            Enabled = 1,
            Width = (uint)Math.Clamp(width, 1, (int)DisplayProtocol.MaxDimension),
            Height = (uint)Math.Clamp(height, 1, (int)DisplayProtocol.MaxDimension),
            WidthMillimetres = dotsKnown ? Millimetres(width, horizontal) : 0,
            HeightMillimetres = dotsKnown ? Millimetres(height, vertical) : 0,
            RefreshMillihertz = (uint)Math.Clamp(hertz * 1000, 1_000, 1_000_000),
            Scale120 = (uint)Math.Clamp(scale.In120ths, 60, 1200),
        };
    }

    private static uint Millimetres(int pixels, float dotsPerInch) =>
        (uint)Math.Clamp(pixels / dotsPerInch * MillimetresPerInch, 0, ushort.MaxValue);
}
