using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// An ELF kernel with a PVH entry: Linux's vmlinux (CONFIG_PVH), or a freestanding guest of either ELF class.
/// </summary>
internal sealed class ElfKernel : KernelImage
{
    // COMMAND_LINE_SIZE of Linux on x86, less the closing zero.
    private const int LinuxCommandLine = 2047;

    private const ulong MaximumNotes = 1 << 20;

    private readonly List<ElfSegment> _load = [];
    private readonly uint _entry;

    public ElfKernel(BootFile file)
        : base(file)
    {
        var bytes = new byte[ElfHeader.MaximumSize];
        bool read = file.TryRead(0, bytes);
        if (!read || !ElfHeader.TryParse(bytes, out ElfHeader header))
        {
            throw Truncated("its ELF header");
        }

        if (header.Machine is not (ElfHeader.EM_386 or ElfHeader.EM_X86_64))
        {
            throw new BootException($"{file.Path} is an ELF file for another processor (machine {header.Machine}): use a kernel for x86-64");
        }

        var notes = default(ElfNotes);
        foreach (ElfSegment segment in ReadSegments(header))
        {
            Take(segment, ref notes);
        }

        IsMicroguest = notes.IsMicroguest;
        _entry = notes.PvhEntry ?? throw new BootException(
            $"{file.Path} is an ELF file without a PVH entry (note Xen, type 18): use a Linux kernel with CONFIG_PVH=y, or a bzImage");
    }

    public override bool IsMicroguest { get; }

    public override int MaximumCommandLine => LinuxCommandLine;

    internal override ulong InitrdLimit => AddressMap.LowRamLimit;

    public static bool IsElf(ReadOnlySpan<byte> head) => head.StartsWith("\u007FELF"u8);

    internal override ulong Load(GuestRam ram)
    {
        ulong end = BootAddresses.HighMemory;
        foreach (ElfSegment segment in _load)
        {
            Span<byte> destination = Destination(ram, segment.PhysicalAddress, segment.MemorySize);
            if (!File.TryRead((long)segment.Offset, destination[..(int)segment.FileSize]))
            {
                throw Truncated("a segment");
            }

            end = Math.Max(end, segment.PhysicalAddress + segment.MemorySize);
        }

        return end;
    }

    internal override VcpuEntry Prepare(GuestRam ram, in BootInformation information) =>
        PvhProtocol.Prepare(ram, information, _entry);

    private void Take(in ElfSegment segment, ref ElfNotes notes)
    {
        switch (segment.Type)
        {
            case ElfSegment.PT_LOAD when segment.MemorySize > 0:
                if (segment.FileSize > segment.MemorySize)
                {
                    throw new BootException($"{File.Path} is damaged (a segment is larger in the file than in memory): fetch or build it again");
                }

                RequireInFile(segment);
                _load.Add(segment);
                break;
            case ElfSegment.PT_NOTE when segment.FileSize <= MaximumNotes:
                RequireInFile(segment);
                var bytes = new byte[(int)segment.FileSize];
                if (!File.TryRead((long)segment.Offset, bytes))
                {
                    throw Truncated("its notes");
                }

                notes.Read(bytes, segment.Alignment);
                break;
        }
    }

    private IEnumerable<ElfSegment> ReadSegments(ElfHeader header)
    {
        ulong size = (ulong)((long)header.ProgramHeaderSize * header.ProgramHeaderCount);
        ulong length = (ulong)File.Length;
        if (header.ProgramHeaders > length || size > length - header.ProgramHeaders)
        {
            throw Truncated("its program headers");
        }

        var bytes = new byte[size];
        if (!File.TryRead((long)header.ProgramHeaders, bytes))
        {
            throw Truncated("its program headers");
        }

        for (int i = 0; i < header.ProgramHeaderCount; i++)
        {
            yield return ElfSegment.Parse(bytes.AsSpan(i * header.ProgramHeaderSize), header.Is64Bit);
        }
    }

    private void RequireInFile(in ElfSegment segment)
    {
        ulong length = (ulong)File.Length;
        if (segment.Offset > length || segment.FileSize > length - segment.Offset)
        {
            throw Truncated("a segment");
        }
    }

    private BootException Truncated(string part) =>
        new($"{File.Path} is truncated: the file ends before {part}; fetch or build it again");
}
