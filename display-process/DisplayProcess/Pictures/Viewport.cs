using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// Where a picture lies in a window: as large as fits with its proportions, in the middle. Pixel for pixel where
/// both have one size, or nearly so.
/// </summary>
/// <param name="X">Pixels of the window left of the picture.</param>
/// <param name="Y">Pixels of the window above the picture.</param>
/// <param name="Width">Pixels of the window that the picture covers; at least 1.</param>
/// <param name="Height">Pixels of the window that the picture covers; at least 1.</param>
internal readonly record struct Viewport(int X, int Y, int Width, int Height)
{
    /// <param name="excess">Pixels that the window may be larger in either direction without a picture being scaled for it.</param>
    public static Viewport Fit(int windowWidth, int windowHeight, int pictureWidth, int pictureHeight, int excess = 0)
    {
        if (IsWithin(windowWidth - pictureWidth, excess) && IsWithin(windowHeight - pictureHeight, excess))
        {
            return new Viewport((windowWidth - pictureWidth) / 2, (windowHeight - pictureHeight) / 2, pictureWidth, pictureHeight);
        }

        // Compares the two proportions without rounding.
        bool byWidth = (long)windowWidth * pictureHeight <= (long)windowHeight * pictureWidth;
        int width = byWidth ? windowWidth : (int)((long)windowHeight * pictureWidth / pictureHeight);
        int height = byWidth ? (int)((long)windowWidth * pictureHeight / pictureWidth) : windowHeight;
        width = Math.Max(1, width);
        height = Math.Max(1, height);
        return new Viewport((windowWidth - width) / 2, (windowHeight - height) / 2, width, height);
    }

    /// <summary>A position in the window as the tablet reports it; outside the picture its nearest edge.</summary>
    public (int X, int Y) ToTablet(double x, double y) => (Scale(x - X, Width), Scale(y - Y, Height));

    private static bool IsWithin(int surplus, int excess) => surplus >= 0 && surplus <= excess;

    // The middle of a pixel, so that a guest that scales back and rounds down meets the same pixel again.
    private static int Scale(double position, int length)
    {
        double inside = Math.Clamp(Math.Floor(position), 0, length - 1) + 0.5;
        return (int)(inside * (InputProtocol.AbsoluteMaximum + 1) / length);
    }
}
