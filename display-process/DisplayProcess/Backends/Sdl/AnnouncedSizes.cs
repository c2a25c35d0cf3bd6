namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// The sizes that the guest was last told. It answers late, and rounds to what its mode lines can say; a picture of
/// about one of these sizes is an answer, and no reason to resize the window under the user's hand.
/// </summary>
internal sealed class AnnouncedSizes
{
    private const int Remembered = 8;
    private const int Rounding = 16;

    private readonly (int Width, int Height)[] _sizes = new (int, int)[Remembered];
    private int _next;

    public void Add(int width, int height) => _sizes[_next++ % Remembered] = (width, height);

    public bool IsNear(int width, int height)
    {
        foreach ((int announcedWidth, int announcedHeight) in _sizes)
        {
            if (Math.Abs(announcedWidth - width) < Rounding && Math.Abs(announcedHeight - height) < Rounding)
            {
                return true;
            }
        }

        return false;
    }
}
