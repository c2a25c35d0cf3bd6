using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Tests.Boot;

/// <summary>Writes small ELF files of either class, right or wrong on purpose.</summary>
internal sealed class ElfFile
{
    private readonly List<(uint Type, ulong Address, byte[] Content, ulong MemorySize)> _segments = [];

    public bool Is64Bit { get; init; } = true;

    public ushort Machine { get; init; } = 62;

    public ElfFile Load(ulong address, byte[] content, ulong? memorySize = null)
    {
        _segments.Add((1, address, content, memorySize ?? (ulong)content.Length));
        return this;
    }

    public ElfFile Notes(params byte[][] notes)
    {
        byte[] all = [.. notes.SelectMany(static note => note)];
        _segments.Add((4, 0, all, (ulong)all.Length));
        return this;
    }

    public ElfFile PvhEntry(uint entry) => Notes(Note("Xen\0", 18, BitConverter.GetBytes(entry)));

    public static byte[] Note(string owner, uint type, byte[] description)
    {
        var note = new List<byte>();
        note.AddRange(BitConverter.GetBytes(owner.Length));
        note.AddRange(BitConverter.GetBytes(description.Length));
        note.AddRange(BitConverter.GetBytes(type));
        note.AddRange(System.Text.Encoding.ASCII.GetBytes(owner));
        note.AddRange(new byte[-note.Count & 3]);
        note.AddRange(description);
        note.AddRange(new byte[-note.Count & 3]);
        return [.. note];
    }

    public byte[] ToArray()
    {
        int headerSize = Is64Bit ? 64 : 52;
        int entrySize = Is64Bit ? 56 : 32;
        int content = headerSize + (entrySize * _segments.Count);
        var file = new byte[content + _segments.Sum(static segment => segment.Content.Length)];
        "\u007FELF"u8.CopyTo(file);
        file[4] = Is64Bit ? (byte)2 : (byte)1;
        file[5] = 1; // little-endian
        file[6] = 1;
        Put16(file, 16, 2); // ET_EXEC
        Put16(file, 18, Machine);
        Put(file, Is64Bit ? 32 : 28, (ulong)headerSize, Is64Bit ? 8 : 4);
        Put16(file, Is64Bit ? 54 : 42, (ushort)entrySize);
        Put16(file, Is64Bit ? 56 : 44, (ushort)_segments.Count);
        for (int i = 0; i < _segments.Count; i++)
        {
            (uint type, ulong address, byte[] bytes, ulong memorySize) = _segments[i];
            WriteHeader(file.AsSpan(headerSize + (i * entrySize)), type, (ulong)content, address, (ulong)bytes.Length, memorySize);
            bytes.CopyTo(file, content);
            content += bytes.Length;
        }

        return file;
    }

    private void WriteHeader(Span<byte> header, uint type, ulong offset, ulong address, ulong fileSize, ulong memorySize)
    {
        Put(header, 0, type, 4);
        ulong[] fields = [offset, address, address, fileSize, memorySize];
        int at = Is64Bit ? 8 : 4;
        int width = Is64Bit ? 8 : 4;
        foreach (ulong field in fields)
        {
            Put(header, at, field, width);
            at += width;
        }

        Put(header, Is64Bit ? 48 : 28, 4, width); // alignment
    }

    private static void Put16(Span<byte> file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file[at..], value);

    private static void Put(Span<byte> file, int at, ulong value, int width)
    {
        for (int i = 0; i < width; i++)
        {
            file[at + i] = (byte)(value >> (8 * i));
        }
    }
}
