using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>
/// Rectangles of a picture that have changed, at most as many as a frame on the display wire carries. One more
/// makes them a single rectangle around all.
/// </summary>
internal struct DamageRegion
{
    private DamageRectangles _rectangles;
    private int _count;

    public readonly bool IsEmpty => _count == 0;

    public readonly int Count => _count;

    /// <summary>Rectangle <paramref name="index"/>, in the order of the additions.</summary>
    public readonly VirtioGpuRect this[int index] => _rectangles[index];

    public void Clear() => _count = 0;

    /// <summary>Makes the whole picture the only rectangle.</summary>
    public void SetAll(uint width, uint height)
    {
        _rectangles[0] = new VirtioGpuRect(0, 0, width, height);
        _count = 1;
    }

    /// <param name="area">Inside the picture; nothing is added if it is empty.</param>
    public void Add(in VirtioGpuRect area)
    {
        if (area.IsEmpty)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            VirtioGpuRect both = _rectangles[i].Union(area);
            if (both == _rectangles[i])
            {
                return;
            }

            if (both == area)
            {
                // It swallows this one, and maybe others: those are harmless.
                _rectangles[i] = area;
                return;
            }
        }

        if (_count < DisplayProtocol.MaxDamageRectangles)
        {
            _rectangles[_count++] = area;
            return;
        }

        VirtioGpuRect all = area;
        for (int i = 0; i < _count; i++)
        {
            all = all.Union(_rectangles[i]);
        }

        _rectangles[0] = all;
        _count = 1;
    }

    public void Add(in DamageRegion other)
    {
        for (int i = 0; i < other._count; i++)
        {
            Add(other._rectangles[i]);
        }
    }

    /// <returns>How many were written.</returns>
    public readonly int CopyTo(Span<DamageRectangle> destination)
    {
        for (int i = 0; i < _count; i++)
        {
            VirtioGpuRect area = _rectangles[i];
            destination[i] = new DamageRectangle { X = area.X, Y = area.Y, Width = area.Width, Height = area.Height };
        }

        return _count;
    }

    [System.Runtime.CompilerServices.InlineArray(DisplayProtocol.MaxDamageRectangles)]
    private struct DamageRectangles
    {
        private VirtioGpuRect _first;
    }
}
