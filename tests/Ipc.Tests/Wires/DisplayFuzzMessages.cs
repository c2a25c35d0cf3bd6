using System.Runtime.InteropServices;
using SplitVmm.Wires.Display;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Valid messages of a source, in random order, as the stock that a fuzzer changes.</summary>
internal static class DisplayFuzzMessages
{
    public static DisplayHello Hello => new()
    {
        Common = { Magic = DisplayProtocol.Magic, Version = DisplayProtocol.Version, Role = (uint)DisplayRole.Source },
        Transports = DisplayTransports.MemFd,
    };

    /// <returns>Message type, body, and how many descriptors belong to it.</returns>
    public static (uint Type, byte[] Body, int Descriptors) Next(Random random, uint generation)
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                return ((uint)DisplayMessageType.ScanoutSet, Bytes(Scanout(generation)), 1);
            case 2:
                var frame = new Frame { Generation = (uint)random.Next((int)generation), Buffer = (uint)random.Next(2), DamageCount = 1 };
                var damage = new DamageRectangle { Width = 8, Height = 8 };
                return ((uint)DisplayMessageType.Frame, [.. Bytes(frame), .. Bytes(damage)], 0);
            case 3:
                var image = new CursorImage { Width = 32, Height = 32, Stride = 128, Format = DrmFourcc.DRM_FORMAT_ARGB8888 };
                return ((uint)DisplayMessageType.CursorImage, Bytes(image), 1);
            case 4:
                return ((uint)DisplayMessageType.CursorMove, Bytes(new CursorPosition { X = random.Next(100) }), 0);
            default:
                return ((uint)DisplayMessageType.CursorHide, Bytes(default(ScanoutReference)), 0);
        }
    }

    private static ScanoutConfiguration Scanout(uint generation) => new()
    {
        Generation = generation,
        Width = 64,
        Height = 32,
        Format = DrmFourcc.DRM_FORMAT_XBGR8888,
        Stride = 256,
        BufferCount = 2,
        BufferSize = 8192,
    };

    private static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
}
