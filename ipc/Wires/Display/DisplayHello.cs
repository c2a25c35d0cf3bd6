using System.Runtime.InteropServices;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>First message of both ends.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct DisplayHello
{
    /// <summary>Of <see cref="DisplayProtocol.Magic"/>, <see cref="DisplayProtocol.Version"/> and a <see cref="DisplayRole"/>.</summary>
    [FieldOffset(0)] public WireHello Common;

    /// <summary>What this end can do.</summary>
    [FieldOffset(16)] public DisplayTransports Transports;

    /// <summary>
    /// So many <see cref="PictureFormat"/> follow, at most <see cref="DisplayProtocol.MaxFormats"/>: what a sink with
    /// <see cref="DisplayTransports.DmaBuf"/> can show, and nothing else is sent. A source has none.
    /// </summary>
    [FieldOffset(20)] public uint FormatCount;
}
