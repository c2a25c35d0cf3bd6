using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Boot;

/// <summary>The parts of an ELF header (System V ABI, chapter 4) that loading needs, of either class.</summary>
internal readonly record struct ElfHeader(bool Is64Bit, ushort Machine, ulong ProgramHeaders, int ProgramHeaderSize, int ProgramHeaderCount)
{
    public const ushort EM_386 = 3;
    public const ushort EM_X86_64 = 62;

    /// <summary>Size of the 64-bit header, the larger of the two.</summary>
    public const int MaximumSize = 64;

    private const int EI_CLASS = 4;
    private const int EI_DATA = 5;
    private const byte ELFCLASS32 = 1;
    private const byte ELFCLASS64 = 2;
    private const byte ELFDATA2LSB = 1;

    /// <summary>False if the bytes are no little-endian ELF header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ElfHeader header)
    {
        header = default;
        if (bytes.Length < MaximumSize || !bytes.StartsWith("\u007FELF"u8) || bytes[EI_DATA] != ELFDATA2LSB)
        {
            return false;
        }

        ushort machine = U16(bytes, 18);
        switch (bytes[EI_CLASS])
        {
            case ELFCLASS32:
                header = new ElfHeader(false, machine, U32(bytes, 28), U16(bytes, 42), U16(bytes, 44));
                return header.ProgramHeaderSize >= 32;
            case ELFCLASS64:
                header = new ElfHeader(true, machine, U64(bytes, 32), U16(bytes, 54), U16(bytes, 56));
                return header.ProgramHeaderSize >= 56;
            default:
                return false;
        }
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

/// <summary>One program header (System V ABI, chapter 5), of either class.</summary>
internal readonly record struct ElfSegment(uint Type, ulong Offset, ulong PhysicalAddress, ulong FileSize, ulong MemorySize, ulong Alignment)
{
    public const uint PT_LOAD = 1;
    public const uint PT_NOTE = 4;

    public static ElfSegment Parse(ReadOnlySpan<byte> bytes, bool is64Bit)
    {
        return is64Bit
            ? new ElfSegment(
                BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]))
            : new ElfSegment(
                BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]));
    }
}
