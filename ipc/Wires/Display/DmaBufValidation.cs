using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Framing;
using static SplitVmm.Wires.Display.DisplayProtocol;

namespace SplitVmm.Wires.Display;

/// <summary>Checks of what is said of dma-bufs, and of the descriptors. Each returns null or what is wrong.</summary>
public static class DmaBufValidation
{
    /// <summary>Everything about a configuration but whether the sink has announced its format.</summary>
    public static WireError? Check(in DmaBufConfiguration value)
    {
        const string Message = "dma-buf scanout set";
        WireError? error = DisplayValidation.CheckScanout(value.Scanout, Message)
            ?? DisplayValidation.CheckRange(value.Width, 1, MaxDimension, Message, "width")
            ?? DisplayValidation.CheckRange(value.Height, 1, MaxDimension, Message, "height")
            ?? DisplayValidation.CheckFormat(value.Format, Message)
            ?? DisplayValidation.CheckFlags(value.Flags, Message)
            ?? CheckModifier(value.Modifier, Message)
            ?? DisplayValidation.CheckReserved(value.Reserved, Message);
        uint most = value.Modifier == DrmModifiers.DRM_FORMAT_MOD_LINEAR ? 1u : MaxPlanes;
        return error ?? DisplayValidation.CheckRange(value.PlaneCount, 1, most, Message, "plane count");
    }

    /// <summary>A buffer of a checked configuration, without its descriptors.</summary>
    public static WireError? Check(in DmaBufBuffer value, in DmaBufConfiguration configuration)
    {
        const string Message = "buffer set";
        WireError? error = CheckBuffer(value.Buffer, Message) ?? DisplayValidation.CheckReserved(value.Reserved, Message);
        for (int i = 0; i < MaxPlanes && error is null; i++)
        {
            DmaBufPlane plane = value.Planes[i];
            error = i < configuration.PlaneCount ? CheckPlane(i, in plane, in configuration)
                : plane is { Offset: 0, Stride: 0 } ? null
                : DisplayValidation.Error(Message, $"plane {i}", "is described where there is none");
        }

        return error;
    }

    /// <summary>Bytes that the dma-buf of a checked plane must have.</summary>
    public static ulong NeededMemory(in DmaBufPlane plane, in DmaBufConfiguration configuration) =>
        configuration.Modifier == DrmModifiers.DRM_FORMAT_MOD_LINEAR
            ? plane.Offset + ((ulong)plane.Stride * (configuration.Height - 1)) + (configuration.Width * BytesPerPixel)
            // What the rows of a driver's own layout are, only the driver knows: it checks its planes when it imports them.
            : (ulong)plane.Offset + plane.Stride;

    /// <param name="size">Bytes of the dma-buf; null: it is none.</param>
    internal static WireError? CheckMemory(int index, in DmaBufPlane plane, in DmaBufConfiguration configuration, ulong? size)
    {
        ulong needed = NeededMemory(in plane, in configuration);
        return size is not { } bytes ? DisplayValidation.Error("buffer set", $"plane {index}", "the descriptor is not a dma-buf")
            : bytes < needed ? DisplayValidation.Error("buffer set", $"plane {index}", $"the dma-buf has {bytes} bytes, {needed} are needed")
            : null;
    }

    internal static WireError? Check(in BufferReference value, string message) =>
        DisplayValidation.CheckScanout(value.Scanout, message)
        ?? CheckBuffer(value.Buffer, message)
        ?? DisplayValidation.CheckReserved(value.Reserved, message);

    /// <summary>One of the formats behind a sink's hello.</summary>
    internal static WireError? Check(in PictureFormat value)
    {
        const string Message = "hello";
        return DisplayValidation.CheckFormat(value.Format, Message)
            ?? CheckModifier(value.Modifier, Message)
            ?? DisplayValidation.CheckReserved(value.Reserved, Message);
    }

    /// <summary>Bytes of a received descriptor; null if it is no dma-buf.</summary>
    internal static ulong? SizeOf(Descriptor memory) =>
        FileSystems.MagicOf(memory) == FileSystems.DMA_BUF_MAGIC && MemFd.TryGetSize(memory, out long size) ? (ulong)size : null;

    private static WireError? CheckBuffer(uint buffer, string message) =>
        DisplayValidation.CheckRange(buffer, 0, MaxBuffers - 1, message, "buffer");

    private static WireError? CheckModifier(ulong modifier, string message) => modifier == DrmModifiers.DRM_FORMAT_MOD_INVALID
        ? DisplayValidation.Error(message, "modifier", "says nothing")
        : null;

    private static WireError? CheckPlane(int index, in DmaBufPlane plane, in DmaBufConfiguration configuration)
    {
        bool linear = configuration.Modifier == DrmModifiers.DRM_FORMAT_MOD_LINEAR;
        uint least = linear ? configuration.Width * BytesPerPixel : 1;
        bool fits = plane.Stride >= least && plane.Stride <= MaxStride && (!linear || plane.Stride % BytesPerPixel == 0)
            && (!linear || plane.Offset % BytesPerPixel == 0) && NeededMemory(in plane, in configuration) <= MaxFrameMemory;
        return fits
            ? null
            : DisplayValidation.Error(
                "buffer set", $"plane {index}",
                $"stride {plane.Stride} at {plane.Offset} is no picture of {configuration.Width}x{configuration.Height} in {MaxFrameMemory} bytes");
    }
}
