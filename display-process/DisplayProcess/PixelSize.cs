namespace SplitVmm.DisplayProcess;

/// <summary>A size in pixels.</summary>
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>As <c>--size</c> takes it.</summary>
    public override string ToString() => $"{Width}x{Height}";
}
