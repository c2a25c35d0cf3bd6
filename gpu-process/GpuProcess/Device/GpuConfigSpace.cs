using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;

namespace SplitVmm.GpuProcess.Device;

/// <summary>The configuration space (virtio 1.3 section 5.7.4): events, and how much of everything there is.</summary>
internal sealed class GpuConfigSpace(uint scanouts, uint capsets)
{
    private VirtioGpuConfig _config = new() { NumScanouts = scanouts, NumCapsets = capsets };

    /// <summary>Bytes: without the field <c>blob_alignment</c>, whose feature is not offered.</summary>
    public static int Size { get; } = Unsafe.SizeOf<VirtioGpuConfig>() - sizeof(uint);

    /// <summary>Events that the driver has not cleared.</summary>
    public uint Events => _config.EventsRead;

    /// <summary>Sets an event; the caller announces that the space has changed.</summary>
    public void Raise(uint events) => _config.EventsRead |= events;

    /// <summary>A range inside <see cref="Size"/>.</summary>
    public void Read(int offset, Span<byte> destination) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<VirtioGpuConfig>(in _config)).Slice(offset, destination.Length).CopyTo(destination);

    /// <summary>
    /// A write of the driver. Only <c>events_clear</c> can be written, in whole or in part; what is written there
    /// is never read back.
    /// </summary>
    public bool TryWrite(int offset, ReadOnlySpan<byte> source)
    {
        const int Field = 4;
        if (offset < Field || offset + source.Length > Field + sizeof(uint))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        source.CopyTo(bytes[(offset - Field)..]);
        _config.EventsRead &= ~MemoryMarshal.Read<uint>(bytes);
        return true;
    }

    public void Reset() => _config.EventsRead = 0;
}
