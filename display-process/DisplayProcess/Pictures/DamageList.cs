using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// Rectangles that changed since somebody last looked. Beyond a fixed number they become their bounding box, so
/// that a backend that is slow, or hidden, holds no growing list.
/// </summary>
internal sealed class DamageList
{
    private const int Most = 32;

    private readonly DamageRectangle[] _rectangles = new DamageRectangle[Most];
    private int _count;

    public bool IsEmpty => _count == 0;

    public ReadOnlySpan<DamageRectangle> Rectangles => _rectangles.AsSpan(0, _count);

    public void Add(ReadOnlySpan<DamageRectangle> more)
    {
        foreach (ref readonly DamageRectangle item in more)
        {
            Add(in item);
        }
    }

    public void Add(in DamageRectangle item)
    {
        for (int i = 0; i < _count; i++)
        {
            if (Contains(in _rectangles[i], in item))
            {
                return;
            }

            if (Contains(in item, in _rectangles[i]))
            {
                _rectangles[i] = item;
                return;
            }
        }

        if (_count == Most)
        {
            Collapse();
            _rectangles[0] = Bound(in _rectangles[0], in item);
            return;
        }

        _rectangles[_count++] = item;
    }

    /// <summary>The whole of a picture, whatever was there before.</summary>
    public void SetAll(int width, int height)
    {
        _rectangles[0] = new DamageRectangle { Width = (uint)width, Height = (uint)height };
        _count = 1;
    }

    public void Clear() => _count = 0;

    private static bool Contains(in DamageRectangle outer, in DamageRectangle inner) =>
        inner.X >= outer.X && inner.Y >= outer.Y
        && inner.X + inner.Width <= outer.X + outer.Width && inner.Y + inner.Height <= outer.Y + outer.Height;

    private static DamageRectangle Bound(in DamageRectangle a, in DamageRectangle b)
    {
        uint left = Math.Min(a.X, b.X);
        uint top = Math.Min(a.Y, b.Y);
        return new DamageRectangle
        {
            X = left,
            Y = top,
            Width = Math.Max(a.X + a.Width, b.X + b.Width) - left,
            Height = Math.Max(a.Y + a.Height, b.Y + b.Height) - top,
        };
    }

    private void Collapse()
    {
        for (int i = 1; i < _count; i++)
        {
            _rectangles[0] = Bound(in _rectangles[0], in _rectangles[i]);
        }

        _count = 1;
    }
}
