using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>First message of both ends.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct DisplayHello
{
    /// <summary><see cref="DisplayProtocol.Magic"/>.</summary>
    [FieldOffset(0)] public ulong Magic;

    /// <summary><see cref="DisplayProtocol.Version"/>; another one is refused.</summary>
    [FieldOffset(8)] public uint Version;

    /// <summary>Which end speaks, so that two sockets that were swapped are noticed at once.</summary>
    [FieldOffset(12)] public DisplayRole Role;

    /// <summary>What this end can do.</summary>
    [FieldOffset(16)] public DisplayTransports Transports;

    /// <summary>
    /// So many <see cref="PictureFormat"/> follow, at most <see cref="DisplayProtocol.MaxFormats"/>: what a sink with
    /// <see cref="DisplayTransports.DmaBuf"/> can show, and nothing else is sent. A source has none.
    /// </summary>
    [FieldOffset(20)] public uint FormatCount;
}
