using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Acpi;

/// <summary>
/// Builds one ACPI table: the header common to all (ACPI 6.5 section 5.2.6), fields in order, then length and
/// checksum.
/// </summary>
internal sealed class AcpiTable
{
    public const int HeaderSize = 36;

    private const int LengthOffset = 4;
    private const int ChecksumOffset = 9;

    private readonly List<byte> _bytes = new(256);

    public AcpiTable(string signature, byte revision)
    {
        Ascii(signature, 4);
        U32(0); // length, set at the end
        U8(revision);
        U8(0); // checksum, set at the end
        Ascii("SPLVMM", 6);
        Ascii("SPLITVMM", 8);
        U32(1); // OEM revision
        Ascii("SPLV", 4);
        U32(1); // creator revision
    }

    public int Length => _bytes.Count;

    public void U8(byte value) => _bytes.Add(value);

    public void U16(ushort value) => Add(value, sizeof(ushort));

    public void U32(uint value) => Add(value, sizeof(uint));

    public void U64(ulong value) => Add(value, sizeof(ulong));

    public void Zeros(int count) => _bytes.AddRange(new byte[count]);

    public void Bytes(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    /// <summary>Text in a field of fixed size, filled up with spaces.</summary>
    public void Ascii(string text, int size)
    {
        for (int i = 0; i < size; i++)
        {
            U8(i < text.Length ? (byte)text[i] : (byte)' ');
        }
    }

    /// <summary>Generic Address Structure (section 5.2.3.2) of a byte-wide I/O port.</summary>
    public void IoPort(ushort port)
    {
        const byte SystemIo = 1;
        const byte ByteAccess = 1;
        U8(SystemIo);
        U8(8); // bit width
        U8(0); // bit offset
        U8(ByteAccess);
        U64(port);
    }

    /// <summary>The finished table.</summary>
    public byte[] ToArray()
    {
        byte[] table = [.. _bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(LengthOffset), (uint)table.Length);
        table[ChecksumOffset] = Checksum(table);
        return table;
    }

    /// <summary>The byte that makes the sum of all bytes zero, when its own place holds zero.</summary>
    public static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
        {
            sum += value;
        }

        return (byte)-sum;
    }

    private void Add(ulong value, int size)
    {
        for (int i = 0; i < size; i++)
        {
            U8((byte)(value >> (8 * i)));
        }
    }
}
