using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Tests.Boot;

/// <summary>Writes bzImages that hold a header and a payload, nothing that runs.</summary>
internal sealed class BzImageFile
{
    public const ulong LoadAddress = 0x100_0000;
    public const int SetupSectors = 2;

    public ushort Version { get; init; } = 0x20F;

    public ushort LoadFlags64 { get; init; } = 1;

    public uint InitrdMaximum { get; init; } = 0x7FFF_FFFF;

    public uint InitializationSize { get; init; } = 0x20_0000;

    public byte[] Payload { get; init; } = [.. Enumerable.Range(0, 4096).Select(static i => (byte)(i * 7))];

    /// <summary>Gives bytes the two signatures of a setup header.</summary>
    public static void Mark(Span<byte> file)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(file[0x1FE..], 0xAA55);
        "HdrS"u8.CopyTo(file[0x202..]);
    }

    public byte[] ToArray()
    {
        int setup = (SetupSectors + 1) * 512;
        var file = new byte[setup + Payload.Length];
        Mark(file);
        file[0x1F1] = SetupSectors;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x1F4), (uint)(Payload.Length / 16));
        file[0x201] = 0x66; // the header ends at 0x268
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x206), Version);
        file[0x211] = 0x81; // LOADED_HIGH, CAN_USE_HEAP
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x22C), InitrdMaximum);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x230), 0x20_0000);
        file[0x234] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x236), LoadFlags64);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x238), 2047);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(0x258), LoadAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x260), InitializationSize);
        Payload.CopyTo(file, setup);
        return file;
    }
}
