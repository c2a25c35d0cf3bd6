namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// How many pixels a desktop draws for one point of a window, in the 120ths that it is told in (wp_fractional_scale_v1).
/// A window has a whole number of points; its pixels are their product, rounded half away from zero. At 3/2 only two of
/// three sizes in pixels can be had.
/// </summary>
internal readonly record struct WindowScale(int In120ths)
{
    private const int One = 120;

    public double Value => (double)In120ths / One;

    /// <summary>The most pixels that a window of <see cref="PointsFor"/> has in excess, in each direction.</summary>
    public int Excess => Math.Max(0, ((In120ths + One - 1) / One) - 1);

    /// <summary>
    /// The scale of a window that has so many points and pixels. SDL 2 does not tell it. The quotient is inexact by rounding,
    /// least so along the longer side: not at all from 120 points on.
    /// </summary>
    public static WindowScale Of((int Width, int Height) points, (int Width, int Height) pixels)
    {
        (int point, int pixel) = points.Width >= points.Height ? (points.Width, pixels.Width) : (points.Height, pixels.Height);
        return new WindowScale(Math.Max(1, (int)Math.Round((double)pixel * One / Math.Max(1, point))));
    }

    /// <summary>The fewest points that have at least so many pixels.</summary>
    public int PointsFor(int pixels) => (int)((((long)pixels * One) - (One / 2) + In120ths - 1) / In120ths);

    /// <summary>The pixels of so many points.</summary>
    public int PixelsOf(int points) => (int)((((long)points * In120ths) + (One / 2)) / One);

    /// <summary>
    /// The pixel that a pointer is on whose position is known in whole points only: one of those of the point, and so chosen that
    /// the first and the last pixel of the window can be reached.
    /// </summary>
    public static int PixelUnder(int point, int points, int pixels) =>
        points <= 1 ? 0 : (int)Math.Round((double)point * (pixels - 1) / (points - 1), MidpointRounding.AwayFromZero);
}
