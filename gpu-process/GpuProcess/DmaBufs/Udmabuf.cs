using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.DmaBufs;

/// <summary><c>/dev/udmabuf</c>: makes dma-bufs of pages of memfds, without a copy.</summary>
internal sealed unsafe class Udmabuf : IDisposable
{
    public const string Path = "/dev/udmabuf";

    /// <summary>What the kernel takes in one list, unless its owner changed list_limit.</summary>
    public const int MaxItems = 1024;

    private readonly Descriptor _device;
    private readonly byte[] _argument = new byte[sizeof(UdmabufCreateList) + (MaxItems * sizeof(UdmabufCreateItem))];

    private Udmabuf(Descriptor device) => _device = device;

    /// <summary>Opens the device, before the process gives opening up.</summary>
    /// <param name="why">If it cannot be had: the reason, in one line.</param>
    public static Udmabuf? TryOpen(out string why)
    {
        const int O_RDWR = 2;
        const int O_CLOEXEC = 0x80000;
        int fd = LibUdmabuf.open(Path, O_RDWR | O_CLOEXEC);
        why = fd >= 0 ? "" : $"{Path}: {Marshal.GetLastPInvokeErrorMessage()}";
        return fd >= 0 ? new Udmabuf(new Descriptor(fd)) : null;
    }

    /// <summary>Makes one dma-buf of the pieces, in their order.</summary>
    /// <param name="pieces">1 to <see cref="MaxItems"/>, whole pages of memfds that stay open during the call.</param>
    /// <param name="why">If the kernel refuses: the reason, in one line.</param>
    public Descriptor? TryCreate(ReadOnlySpan<UdmabufCreateItem> pieces, out string why)
    {
        var list = new UdmabufCreateList { Flags = LibUdmabuf.UDMABUF_FLAGS_CLOEXEC, Count = (uint)pieces.Length };
        MemoryMarshal.Write(_argument, in list);
        MemoryMarshal.AsBytes(pieces).CopyTo(_argument.AsSpan(sizeof(UdmabufCreateList)));
        fixed (byte* argument = _argument)
        {
            // The list says how many items follow it; the array has room for the most.
            int fd = LibUdmabuf.ioctl(_device, LibUdmabuf.UDMABUF_CREATE_LIST, argument);
            why = fd >= 0 ? "" : $"{Path} refuses the memory: {Marshal.GetLastPInvokeErrorMessage()}";
            return fd >= 0 ? new Descriptor(fd) : null;
        }
    }

    public void Dispose() => _device.Dispose();
}
