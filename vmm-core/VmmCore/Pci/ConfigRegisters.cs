using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// The 4 KiB of a function's configuration space as bytes with a mask of the bits that the guest may change. It
/// has no behaviour: <see cref="PciFunction"/> looks at what changed. Not thread-safe; callers hold the lock of
/// <see cref="PciConfigSpace"/>.
/// </summary>
public sealed class ConfigRegisters
{
    private readonly byte[] _values = new byte[PciRegisters.PCI_CFG_SPACE_EXP_SIZE];
    private readonly byte[] _writable = new byte[PciRegisters.PCI_CFG_SPACE_EXP_SIZE];
    private byte[]? _powerOn;

    /// <summary>Copies registers out; the part beyond the configuration space reads as all ones.</summary>
    public void Read(int offset, Span<byte> data)
    {
        data.Fill(0xFF);
        if (TryClip(offset, data.Length, out int length))
        {
            _values.AsSpan(offset, length).CopyTo(data);
        }
    }

    /// <summary>A guest's write: only writable bits change.</summary>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        if (!TryClip(offset, data.Length, out int length))
        {
            return;
        }

        for (int i = 0; i < length; i++)
        {
            byte mask = _writable[offset + i];
            _values[offset + i] = (byte)((_values[offset + i] & ~mask) | (data[i] & mask));
        }
    }

    public ushort ReadU16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_values.AsSpan(offset));

    public uint ReadU32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_values.AsSpan(offset));

    /// <summary>Sets a register from the device's side, whatever the guest may write there.</summary>
    public void Set(int offset, byte value) => _values[offset] = value;

    /// <inheritdoc cref="Set(int, byte)"/>
    public void Set(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_values.AsSpan(offset), value);

    /// <inheritdoc cref="Set(int, byte)"/>
    public void Set(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_values.AsSpan(offset), value);

    /// <inheritdoc cref="Set(int, byte)"/>
    public void Set(int offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_values.AsSpan(offset));

    public void SetWritable(int offset, ushort mask) => BinaryPrimitives.WriteUInt16LittleEndian(_writable.AsSpan(offset), mask);

    public void SetWritable(int offset, uint mask) => BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(offset), mask);

    public void SetWritable(int offset, ReadOnlySpan<byte> mask) => mask.CopyTo(_writable.AsSpan(offset));

    /// <summary>Remembers the present values as those that <see cref="Reset"/> brings back.</summary>
    public void SaveAsPowerOn() => _powerOn = (byte[])_values.Clone();

    public void Reset() => _powerOn?.CopyTo(_values, 0);

    private static bool TryClip(int offset, int wanted, out int length)
    {
        length = Math.Min(wanted, PciRegisters.PCI_CFG_SPACE_EXP_SIZE - offset);
        return offset >= 0 && length > 0;
    }
}
