using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>One scanout as the user sees it: its picture, its cursor, and what there is to say about it.</summary>
internal sealed class Head(int index) : IDisposable
{
    private SharedMapping? _memory;
    private ScanoutConfiguration _configuration;
    private bool _isFirstFrame;

    /// <summary>The scanout's number.</summary>
    public int Index { get; } = index;

    /// <summary>The last complete picture; null while there is none to show.</summary>
    public Canvas? Canvas { get; private set; }

    /// <summary>What changed in <see cref="Canvas"/> since the backend cleared it.</summary>
    public DamageList Damage { get; } = new();

    /// <summary>The guest's cursor image; null until it sent one.</summary>
    public Sprite? Cursor { get; private set; }

    /// <summary>Pixels from the cursor image's corner to the point that points.</summary>
    public (int X, int Y) HotSpot { get; private set; }

    /// <summary>Where the guest has the point that points, in pixels of the picture.</summary>
    public (int X, int Y) CursorPosition { get; private set; }

    /// <summary>The guest hid its cursor, rather than never having had one.</summary>
    public bool IsCursorHidden { get; private set; }

    /// <summary>One line to lay over the picture; null: nothing to say.</summary>
    public string? Banner { get; set; }

    /// <summary>Frames taken in since start.</summary>
    public ulong Frames { get; private set; }

    /// <summary>Pixels of the current configuration, 0 before the first one.</summary>
    public (uint Width, uint Height) Size => (_configuration.Width, _configuration.Height);

    /// <summary>Takes new buffers; the old picture stays until the first frame in them.</summary>
    public void Configure(in ScanoutConfiguration configuration, Descriptor memory)
    {
        _memory?.Dispose();
        _memory = null;
        _memory = SharedMapping.Create(
            memory, 0, (nuint)DisplayValidation.NeededMemory(in configuration), writable: false);
        _configuration = configuration;
        _isFirstFrame = true;
    }

    /// <summary>Copies what a frame changed into the picture.</summary>
    public void Take(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
    {
        Frames++;
        if (Canvas is null || Canvas.Width != _configuration.Width || Canvas.Height != _configuration.Height)
        {
            Canvas = new Canvas((int)_configuration.Width, (int)_configuration.Height);
            _isFirstFrame = true;
        }

        if (_isFirstFrame)
        {
            _isFirstFrame = false;
            Damage.SetAll(Canvas.Width, Canvas.Height);
            Canvas.Update(_memory!, in _configuration, frame.Buffer, Damage.Rectangles[0]);
            return;
        }

        foreach (ref readonly DamageRectangle part in damage)
        {
            Canvas.Update(_memory!, in _configuration, frame.Buffer, in part);
        }

        Damage.Add(damage);
    }

    /// <summary>There is nothing to show any more.</summary>
    public void Blank()
    {
        Canvas = null;
        Damage.Clear();
    }

    /// <summary>Lets go of the source's memory; the picture stays.</summary>
    public void Release()
    {
        _memory?.Dispose();
        _memory = null;
    }

    public void SetCursor(Sprite image, int hotX, int hotY)
    {
        Cursor = image;
        HotSpot = (hotX, hotY);
        IsCursorHidden = false;
    }

    public void MoveCursor(int x, int y) => CursorPosition = (x, y);

    public void HideCursor()
    {
        IsCursorHidden = true;
        Cursor = null;
    }

    /// <summary>Picture, cursor and banner in one; null while there is no picture.</summary>
    public Snapshot? TakeSnapshot() => Canvas is null
        ? null
        : Snapshot.Take(
            Canvas,
            Cursor,
            CursorPosition.X - HotSpot.X,
            CursorPosition.Y - HotSpot.Y,
            Banner is null ? null : Pictures.Banner.Draw(Banner, Canvas.Width));

    public void Dispose() => Release();
}
