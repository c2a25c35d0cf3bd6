using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A display that notes what it was told, one line each, and closes the descriptors it gets.</summary>
internal sealed class RecordingSink : IDisplayWireSinkHandler
{
    public List<string> Log { get; } = [];

    public List<Frame> Frames { get; } = [];

    public long LastMemorySize { get; private set; }

    public bool IsReady { get; private set; }

    public bool IsClosed { get; private set; }

    public WireError? Violation { get; private set; }

    public Action? Closing { get; set; }

    public void OnReady(DisplayTransports transports)
    {
        IsReady = true;
        Log.Add($"ready {transports}");
    }

    public void OnScanoutSet(in ScanoutConfiguration configuration, Descriptor memory)
    {
        Log.Add($"set {configuration.Scanout} gen {configuration.Generation} {configuration.Width}x{configuration.Height} "
            + $"{configuration.Format} stride {configuration.Stride} buffers {configuration.BufferCount} "
            + $"at {configuration.BufferOffset} of {configuration.BufferSize} {configuration.Flags}");
        _ = MemFd.TryGetSize(memory, out long size);
        LastMemorySize = size;
        memory.Dispose();
    }

    /// <summary>Whether buffers can be shown.</summary>
    public bool AcceptsBuffers { get; set; } = true;

    public void OnDmaBufScanoutSet(in DmaBufConfiguration configuration) =>
        Log.Add($"dma-bufs {configuration.Scanout} gen {configuration.Generation} {configuration.Width}x{configuration.Height} "
            + $"{configuration.Format} 0x{configuration.Modifier:x} planes {configuration.PlaneCount} {configuration.Flags}");

    public bool OnBufferSet(in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes)
    {
        Log.Add($"buffer {buffer.Scanout} gen {buffer.Generation} {buffer.Buffer} at {buffer.Planes[0].Offset} stride {buffer.Planes[0].Stride} of {planes.Length}");
        return AcceptsBuffers;
    }

    public void OnBufferForgotten(uint scanout, uint buffer) => Log.Add($"forget {scanout} {buffer}");

    public void OnScanoutDisabled(uint scanout) => Log.Add($"disable {scanout}");

    public void OnFrame(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
    {
        Frames.Add(frame);
        string rectangles = "";
        foreach (DamageRectangle item in damage)
        {
            rectangles += $" {item.Width}x{item.Height}+{item.X}+{item.Y}";
        }

        Log.Add($"frame {frame.Scanout} gen {frame.Generation} buffer {frame.Buffer} sequence {frame.Sequence}{rectangles}");
    }

    public void OnCursorImage(in CursorImage image, Descriptor memory)
    {
        Log.Add($"cursor {image.Scanout} {image.Width}x{image.Height} hot {image.HotX},{image.HotY} {image.Format} stride {image.Stride}");
        memory.Dispose();
    }

    public void OnCursorMoved(in CursorPosition position) => Log.Add($"move {position.Scanout} {position.X},{position.Y}");

    public void OnCursorHidden(uint scanout) => Log.Add($"hide {scanout}");

    public void OnClosed(WireError? violation)
    {
        IsClosed = true;
        Violation = violation;
        Closing?.Invoke();
    }
}
