using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>The memory that the viewers of one head share. Nothing is copied before one of them is about to look.</summary>
internal sealed class HeadMemory(Head head) : IDisposable
{
    private readonly DamageList _stale = new();
    private SharedPicture? _picture;

    public void OnPicture(ReadOnlySpan<DamageRectangle> damage)
    {
        if (_picture is not null)
        {
            _stale.Add(damage);
        }
    }

    /// <summary>The head's picture as it is now, which there must be.</summary>
    /// <returns>Another object after each change of the size; null: memory cannot be shared.</returns>
    public SharedPicture? BringUpToDate()
    {
        Canvas canvas = head.Canvas!;
        if (_picture is null || _picture.Width != canvas.Width || _picture.Height != canvas.Height)
        {
            _picture?.Dispose();
            _picture = SharedPicture.TryCreate(canvas.Width, canvas.Height);
            _stale.SetAll(canvas.Width, canvas.Height);
        }

        _picture?.Update(canvas, _stale.Rectangles);
        _stale.Clear();
        return _picture;
    }

    /// <summary>Nobody looks any more.</summary>
    public void Release()
    {
        _picture?.Dispose();
        _picture = null;
    }

    public void Dispose() => Release();
}
