using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>One scanout as the user sees it: its picture, its cursor, and what there is to say about it.</summary>
internal sealed class Head(int index) : IDisposable
{
    private readonly SharedBuffer?[] _buffers = new SharedBuffer?[DisplayProtocol.MaxBuffers];
    private ulong _copies;
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

    /// <summary><see cref="Frame.Flushed"/> of the last frame taken in.</summary>
    public long Flushed { get; private set; }

    /// <summary>Frames taken in since start.</summary>
    public ulong Frames { get; private set; }

    /// <summary>Pixels of the current configuration, 0 before the first one.</summary>
    public (uint Width, uint Height) Size => (_configuration.Width, _configuration.Height);

    /// <summary>Times that pixels were copied in this process to show frames.</summary>
    public ulong Copies => _copies + (Canvas?.Copies ?? 0);

    /// <summary>The dma-buf that is shown; null: the picture is in <see cref="Canvas"/> alone.</summary>
    public SharedBuffer? Shared { get; private set; }

    /// <summary>Counts a copy made to show the picture, beside those into <see cref="Canvas"/>.</summary>
    public void CountCopy() => _copies++;

    /// <summary>Takes new buffers; the old picture stays until the first frame in them.</summary>
    public void Configure(in ScanoutConfiguration configuration, Descriptor memory)
    {
        Release();
        _memory = SharedMapping.Create(
            memory, 0, (nuint)DisplayValidation.NeededMemory(in configuration), writable: false);
        _configuration = configuration;
        _isFirstFrame = true;
    }

    /// <summary>The same for dma-bufs, which follow by <see cref="SetBuffer"/>.</summary>
    public void Configure(in DmaBufConfiguration configuration)
    {
        Release();
        DmaBufs = configuration;
        _configuration = new ScanoutConfiguration { Width = configuration.Width, Height = configuration.Height };
        _isFirstFrame = true;
    }

    /// <summary>The last configuration of dma-bufs.</summary>
    public DmaBufConfiguration DmaBufs { get; private set; }

    /// <param name="shared">Owned from here on; null: the buffer cannot be shown, or is gone.</param>
    public void SetBuffer(uint buffer, SharedBuffer? shared)
    {
        DropUnlessShown(_buffers[buffer]);
        _buffers[buffer] = shared;
    }

    /// <summary>Shows a frame: copies what changed into the picture, or looks at another dma-buf.</summary>
    /// <returns>What differs from the picture before; valid until the damage is changed.</returns>
    public ReadOnlySpan<DamageRectangle> Take(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
    {
        Frames++;
        Flushed = frame.Flushed;
        if (Canvas is null || Canvas.Width != _configuration.Width || Canvas.Height != _configuration.Height)
        {
            Replace(new Canvas((int)_configuration.Width, (int)_configuration.Height));
            _isFirstFrame = true;
        }

        if (_isFirstFrame)
        {
            _isFirstFrame = false;
            Damage.SetAll(Canvas!.Width, Canvas.Height);
            damage = Damage.Rectangles;
        }
        else
        {
            Damage.Add(damage);
        }

        SharedBuffer? former = Shared;
        Shared = _memory is null ? _buffers[frame.Buffer] : null;
        Canvas!.Follow(Shared, damage);
        if (_memory is { } memory)
        {
            Canvas.Take(memory, in _configuration, frame.Buffer, damage);
        }

        if (former is not null && former != Shared)
        {
            // The answer to this frame lets the guest draw in the picture before.
            former.AwaitReads();
            if (Array.IndexOf(_buffers, former) < 0)
            {
                former.Dispose();
            }
        }

        return damage;
    }

    /// <summary>There is nothing to show any more.</summary>
    public void Blank()
    {
        Replace(null);
        Damage.Clear();
        Release();
        Shared?.Dispose();
        Shared = null;
    }

    /// <summary>Lets go of the source's memory; the picture stays, and the dma-buf that it is in.</summary>
    public void Release()
    {
        _memory?.Dispose();
        _memory = null;
        for (uint i = 0; i < _buffers.Length; i++)
        {
            SetBuffer(i, null);
        }
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

    public void Dispose()
    {
        Release();
        Shared?.Dispose();
        Shared = null;
    }

    private void DropUnlessShown(SharedBuffer? buffer)
    {
        if (buffer is not null && buffer != Shared)
        {
            buffer.Dispose();
        }
    }

    private void Replace(Canvas? canvas)
    {
        _copies += Canvas?.Copies ?? 0;
        Canvas = canvas;
    }
}
