using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Framing;
using static SplitVmm.Wires.Display.DisplayProtocol;

namespace SplitVmm.Wires.Display;

/// <summary>
/// Checks of single messages. Both ends use them: the receiver because the other process may be compromised,
/// a sender for values that a guest chose. Each returns null or what is wrong.
/// </summary>
public static class DisplayValidation
{
    internal const string Wire = "display wire";

    /// <summary>gpu-process's end.</summary>
    internal static readonly WireEnd Source = new(
        Wire, Magic, DisplayProtocol.Version, MaxMessageSize, (uint)DisplayRole.Source, (uint)DisplayRole.Sink, nameof(DisplayRole.Sink))
    { HellosSayMore = true };

    /// <summary>display-process's end.</summary>
    internal static readonly WireEnd Sink = new(
        Wire, Magic, DisplayProtocol.Version, MaxMessageSize, (uint)DisplayRole.Sink, (uint)DisplayRole.Source, nameof(DisplayRole.Source))
    { HellosSayMore = true };

    /// <summary>Everything about a scanout that can be judged without its memfd.</summary>
    public static WireError? Check(in ScanoutConfiguration value)
    {
        const string Message = "scanout set";
        WireError? error = CheckScanout(value.Scanout, Message)
            ?? CheckRange(value.Width, 1, MaxDimension, Message, "width")
            ?? CheckRange(value.Height, 1, MaxDimension, Message, "height")
            ?? CheckFormat(value.Format, Message)
            ?? CheckStride(value.Stride, value.Width, Message)
            ?? CheckRange(value.BufferCount, 1, MaxBuffers, Message, "buffer count")
            ?? CheckFlags(value.Flags, Message);
        if (error is not null)
        {
            return error;
        }

        if (value.BufferOffset > MaxFrameMemory || value.BufferOffset % 4 != 0)
        {
            return Error(Message, "buffer offset", $"{value.BufferOffset} is above {MaxFrameMemory} or no multiple of 4");
        }

        ulong picture = (ulong)value.Stride * value.Height;
        if (value.BufferSize < picture || value.BufferSize > MaxFrameMemory || value.BufferSize % 4 != 0)
        {
            return Error(Message, "buffer size", $"{value.BufferSize} is not in {picture}..{MaxFrameMemory}, or no multiple of 4");
        }

        ulong needed = NeededMemory(in value);
        return needed <= MaxFrameMemory ? null : Error(Message, "buffer count", $"all buffers take {needed} bytes, above {MaxFrameMemory}");
    }

    /// <summary>Bytes that the memfd of a checked configuration must have.</summary>
    public static ulong NeededMemory(in ScanoutConfiguration value) => value.BufferOffset + (value.BufferSize * value.BufferCount);

    /// <summary>Everything about a cursor that can be judged without its memfd.</summary>
    public static WireError? Check(in CursorImage value)
    {
        const string Message = "cursor image";
        return CheckScanout(value.Scanout, Message)
            ?? CheckRange(value.Width, 1, MaxCursorDimension, Message, "width")
            ?? CheckRange(value.Height, 1, MaxCursorDimension, Message, "height")
            ?? CheckRange(value.HotX, 0, value.Width - 1, Message, "hot x")
            ?? CheckRange(value.HotY, 0, value.Height - 1, Message, "hot y")
            ?? CheckFormat(value.Format, Message)
            ?? CheckStride(value.Stride, value.Width, Message)
            ?? CheckReserved(value.Reserved, Message);
    }

    public static WireError? Check(in CursorPosition value)
    {
        const string Message = "cursor move";
        return CheckScanout(value.Scanout, Message)
            ?? CheckCoordinate(value.X, Message, "x")
            ?? CheckCoordinate(value.Y, Message, "y")
            ?? CheckReserved(value.Reserved, Message);
    }

    public static WireError? Check(in OutputInfo value)
    {
        const string Message = "output info";
        WireError? error = CheckScanout(value.Scanout, Message) ?? CheckRange(value.Enabled, 0, 1, Message, "enabled");
        if (error is not null || value.Enabled == 0)
        {
            return error;
        }

        return CheckRange(value.Width, 1, MaxDimension, Message, "width")
            ?? CheckRange(value.Height, 1, MaxDimension, Message, "height")
            ?? CheckRange(value.WidthMillimetres, 0, ushort.MaxValue, Message, "width in mm")
            ?? CheckRange(value.HeightMillimetres, 0, ushort.MaxValue, Message, "height in mm")
            ?? CheckRange(value.RefreshMillihertz, 1_000, 1_000_000, Message, "refresh")
            ?? CheckRange(value.Scale120, 60, 1200, Message, "scale");
    }

    /// <summary>A damage rectangle of a picture of the given size.</summary>
    public static WireError? Check(in DamageRectangle value, uint width, uint height)
    {
        const string Message = "frame";
        // Written as subtractions: a sum of two hostile numbers could wrap.
        bool inside = value.Width >= 1 && value.Width <= width && value.X <= width - value.Width
            && value.Height >= 1 && value.Height <= height && value.Y <= height - value.Height;
        return inside
            ? null
            : Error(Message, "damage", $"{value.Width}x{value.Height}+{value.X}+{value.Y} is empty or not inside {width}x{height}");
    }

    /// <summary>Whether the ends have a way in common.</summary>
    internal static WireError? CheckTransports(DisplayTransports peer, DisplayTransports own) =>
        (peer & own) != DisplayTransports.None ? null : Error("hello", "transports", $"the peer has {peer}, this side {own}");

    internal static WireError? Check(in ScanoutReference value, string message) =>
        CheckScanout(value.Scanout, message) ?? CheckReserved(value.Reserved, message);

    internal static WireError? CheckScanout(uint scanout, string message) =>
        CheckRange(scanout, 0, MaxScanouts - 1, message, "scanout");

    internal static WireError? CheckReserved(uint value, string message) =>
        value == 0 ? null : Error(message, "reserved", $"{value} is not zero");

    internal static WireError Error(string message, string field, string problem) => new(Wire, message, field, problem);

    internal static WireError? CheckRange(uint value, uint low, uint high, string message, string field) =>
        value >= low && value <= high ? null : Error(message, field, $"{value} is not in {low}..{high}");

    private static WireError? CheckCoordinate(int value, string message, string field) =>
        value >= -(int)MaxDimension && value <= 2 * (int)MaxDimension
            ? null
            : Error(message, field, $"{value} is too far outside the scanout");

    private static WireError? CheckStride(uint stride, uint width, string message) =>
        stride % BytesPerPixel == 0 && stride >= width * BytesPerPixel && stride <= MaxStride
            ? null
            : Error(message, "stride", $"{stride} is no multiple of 4 in {width * BytesPerPixel}..{MaxStride}");

    internal static WireError? CheckFlags(ScanoutFlags flags, string message) => (flags & ~ScanoutFlags.Y0Top) == 0
        ? null
        : Error(message, "flags", $"0x{(uint)flags:x} has unknown bits");

    internal static WireError? CheckFormat(DrmFourcc format, string message) => format switch
    {
        DrmFourcc.DRM_FORMAT_XRGB8888 or DrmFourcc.DRM_FORMAT_ARGB8888 or
        DrmFourcc.DRM_FORMAT_XBGR8888 or DrmFourcc.DRM_FORMAT_ABGR8888 or
        DrmFourcc.DRM_FORMAT_BGRX8888 or DrmFourcc.DRM_FORMAT_BGRA8888 or
        DrmFourcc.DRM_FORMAT_RGBX8888 or DrmFourcc.DRM_FORMAT_RGBA8888 => null,
        _ => Error(message, "format", $"0x{(uint)format:x8} is not a supported fourcc"),
    };
}
