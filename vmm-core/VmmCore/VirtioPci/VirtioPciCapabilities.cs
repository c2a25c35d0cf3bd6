using System.Buffers.Binary;
using SplitVmm.VmmCore.Pci;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// Writes the vendor-specific capabilities that say where the virtio structures lie (virtio 1.3 section 4.1.4):
/// <code>
///  0          1          2         3          4     5    6        8        12
///  | cap_vndr | cap_next | cap_len | cfg_type | bar | id | padding | offset | length | ...
/// </code>
/// </summary>
internal static class VirtioPciCapabilities
{
    public const byte VIRTIO_PCI_CAP_COMMON_CFG = 1;
    public const byte VIRTIO_PCI_CAP_NOTIFY_CFG = 2;
    public const byte VIRTIO_PCI_CAP_ISR_CFG = 3;
    public const byte VIRTIO_PCI_CAP_DEVICE_CFG = 4;
    public const byte VIRTIO_PCI_CAP_PCI_CFG = 5;
    public const byte VIRTIO_PCI_CAP_SHARED_MEMORY_CFG = 8;

    public const int BarField = 4;
    public const int OffsetField = 8;
    public const int LengthField = 12;

    /// <summary>Bytes of <c>struct virtio_pci_cap</c>; extra fields follow.</summary>
    public const int Size = 16;

    // CapabilityList writes cap_vndr and cap_next.
    private const int HeaderSize = 2;

    /// <param name="extra">A 32-bit field after the structure, for example <c>notify_off_multiplier</c>.</param>
    public static void Add(CapabilityList list, byte type, int bar, uint offset, uint length, uint? extra = null)
    {
        int size = Size + (extra is null ? 0 : sizeof(uint));
        Span<byte> whole = stackalloc byte[size];
        Write(whole, type, bar, id: 0, offset, length);
        if (extra is { } value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(whole[Size..], value);
        }

        _ = list.Add(PciRegisters.PCI_CAP_ID_VNDR, whole[HeaderSize..], []);
    }

    /// <summary>Adds a <c>struct virtio_pci_cap64</c> for a shared memory region that fills a BAR.</summary>
    public static void AddSharedMemory(CapabilityList list, int bar, byte id, ulong length)
    {
        Span<byte> whole = stackalloc byte[Size + (2 * sizeof(uint))];
        Write(whole, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, bar, id, offset: 0, (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(whole[(Size + sizeof(uint))..], (uint)(length >> 32));
        _ = list.Add(PciRegisters.PCI_CAP_ID_VNDR, whole[HeaderSize..], []);
    }

    /// <summary>Adds a <c>struct virtio_pci_cfg_cap</c>, whose bar, offset, length and data the driver writes.</summary>
    /// <returns>Its offset in the configuration space.</returns>
    public static int AddConfigAccess(CapabilityList list)
    {
        const int DataSize = sizeof(uint);
        Span<byte> whole = stackalloc byte[Size + DataSize];
        Span<byte> writable = stackalloc byte[Size + DataSize];
        Write(whole, VIRTIO_PCI_CAP_PCI_CFG, bar: 0, id: 0, offset: 0, length: 0);
        writable.Clear();
        writable[BarField] = 0xFF;
        writable[OffsetField..].Fill(0xFF);
        return list.Add(PciRegisters.PCI_CAP_ID_VNDR, whole[HeaderSize..], writable[HeaderSize..]);
    }

    private static void Write(Span<byte> whole, byte type, int bar, byte id, uint offset, uint length)
    {
        whole.Clear();
        whole[2] = (byte)whole.Length;
        whole[3] = type;
        whole[BarField] = (byte)bar;
        whole[BarField + 1] = id;
        BinaryPrimitives.WriteUInt32LittleEndian(whole[OffsetField..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(whole[LengthField..], length);
    }
}
