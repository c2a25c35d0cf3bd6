namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// The size in pixels that was chosen for a window, by an option or by the guest, and the points that the window was given for it.
/// Where no number of points has just these pixels the window has a few more, of which the guest need not know.
/// </summary>
internal sealed class ChosenSize
{
    private (int Width, int Height) _pixels;
    private (int Width, int Height) _points;

    /// <returns>The points that the window has to be given.</returns>
    public (int Width, int Height) Choose((int Width, int Height) pixels, WindowScale scale)
    {
        _pixels = pixels;
        _points = (scale.PointsFor(pixels.Width), scale.PointsFor(pixels.Height));
        return _points;
    }

    /// <summary>
    /// The points for the same pixels, where the window still has the points that it was given but another scale than was thought.
    /// </summary>
    /// <returns>False: they are as they should be, or somebody else has resized the window since.</returns>
    public bool TryCorrect((int Width, int Height) points, WindowScale scale, out (int Width, int Height) corrected)
    {
        corrected = points;
        if (points == _points)
        {
            corrected = Choose(_pixels, scale);
        }

        return corrected != points;
    }

    /// <summary>The size of the guest's monitor in a window of so many points and pixels.</summary>
    public (int Width, int Height) MonitorIn((int Width, int Height) points, (int Width, int Height) pixels, WindowScale scale) =>
        (scale.PointsFor(_pixels.Width) == points.Width ? _pixels.Width : pixels.Width,
         scale.PointsFor(_pixels.Height) == points.Height ? _pixels.Height : pixels.Height);
}
