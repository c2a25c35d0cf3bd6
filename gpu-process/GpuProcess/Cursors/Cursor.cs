using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Cursors;

/// <summary>The cursor of one scanout, and what of it the display does not know yet.</summary>
internal sealed class Cursor(uint scanout)
{
    private CursorImage _image;
    private CursorPosition _position = new() { Scanout = scanout };

    public ref CursorImage Image => ref _image;

    public ref CursorPosition Position => ref _position;

    /// <summary>The pixels of <see cref="Image"/>; null: the cursor is hidden.</summary>
    public MemFd? Memory { get; set; }

    public bool ImagePending { get; set; }

    public bool PositionPending { get; set; }

    /// <summary>Whether the display shows a cursor here.</summary>
    public bool IsOnWire { get; set; }
}
