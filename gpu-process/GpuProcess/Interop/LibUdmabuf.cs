using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>dma-bufs over pages of memfds (<c>linux/udmabuf.h</c>).</summary>
internal static unsafe partial class LibUdmabuf
{
    /// <summary>Its argument is <see cref="UdmabufCreateList"/> with the items behind it; the result is a descriptor.</summary>
    public const nuint UDMABUF_CREATE_LIST = 0x4008_7543;

    public const uint UDMABUF_FLAGS_CLOEXEC = 1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(Descriptor file, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);
}

/// <summary><c>struct udmabuf_create_list</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct UdmabufCreateList
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint Count;
}

/// <summary><c>struct udmabuf_create_item</c>; offset and size are whole pages.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct UdmabufCreateItem
{
    /// <summary>Of a memfd that is sealed against shrinking and not against writing.</summary>
    [FieldOffset(0)] public uint Memfd;

    [FieldOffset(4)] public uint Pad;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong Size;
}
