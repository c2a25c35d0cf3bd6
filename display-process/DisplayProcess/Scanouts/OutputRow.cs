using SplitVmm.Wires.Display;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>
/// The outputs as the guest is told that they stand: in a row from left to right, their upper edges level. The tablet
/// covers the rectangle around them, as a desktop in the guest takes it to.
/// </summary>
internal sealed class OutputRow(int heads)
{
    private const long Range = InputProtocol.AbsoluteMaximum + 1;

    private readonly (uint Width, uint Height)[] _sizes = new (uint, uint)[heads];

    /// <summary>An output was announced, with its size in pixels; one that is not plugged in takes no room.</summary>
    public void Set(in OutputInfo info) => _sizes[info.Scanout] = info.Enabled == 0 ? default : (info.Width, info.Height);

    /// <summary>A position on one head, 0 to <see cref="InputProtocol.AbsoluteMaximum"/> each way, as one on all of them.</summary>
    public (int X, int Y) ToTablet(int head, (int X, int Y) position)
    {
        long left = 0;
        long width = 0;
        long height = 0;
        for (int i = 0; i < _sizes.Length; i++)
        {
            left += i < head ? _sizes[i].Width : 0;
            width += _sizes[i].Width;
            height = Math.Max(height, _sizes[i].Height);
        }

        // Before anything was announced there is nothing to divide.
        return _sizes[head] is (0, _) or (_, 0)
            ? position
            : ((int)(((left * Range) + (position.X * (long)_sizes[head].Width)) / width),
                (int)(position.Y * (long)_sizes[head].Height / height));
    }
}
