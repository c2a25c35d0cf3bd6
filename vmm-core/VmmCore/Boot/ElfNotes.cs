using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Boot;

/// <summary>The notes of an ELF file that vmm-core understands.</summary>
internal struct ElfNotes
{
    /// <summary>XEN_ELFNOTE_PHYS32_ENTRY: the entry of the PVH boot protocol.</summary>
    private const uint XEN_ELFNOTE_PHYS32_ENTRY = 18;

    /// <summary>Type of the note by which an image says that it runs where KVM interprets privileged code.</summary>
    private const uint SPLITVMM_ELFNOTE_MICROGUEST = 1;

    private const int HeaderSize = 12;

    /// <summary>Where PVH enters; null if no note says so.</summary>
    public uint? PvhEntry { get; private set; }

    public bool IsMicroguest { get; private set; }

    /// <summary>Reads one note segment; notes behind a malformed one are ignored.</summary>
    public void Read(ReadOnlySpan<byte> notes, ulong alignment)
    {
        int align = alignment == 8 ? 8 : 4;
        while (notes.Length >= HeaderSize)
        {
            uint nameSize = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            uint descriptionSize = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]);
            long description = Align(HeaderSize + (long)nameSize, align);
            long next = Align(description + descriptionSize, align);
            // The last note of a segment may lack its padding.
            if (description + descriptionSize > notes.Length)
            {
                return;
            }

            Take(notes.Slice(HeaderSize, (int)nameSize), type, notes.Slice((int)description, (int)descriptionSize));
            notes = notes[(int)Math.Min(next, notes.Length)..];
        }
    }

    private static long Align(long value, int alignment) => (value + alignment - 1) & ~(alignment - 1L);

    private void Take(ReadOnlySpan<byte> owner, uint type, ReadOnlySpan<byte> description)
    {
        if (type == XEN_ELFNOTE_PHYS32_ENTRY && owner.SequenceEqual("Xen\0"u8) && description.Length >= sizeof(uint))
        {
            PvhEntry = BinaryPrimitives.ReadUInt32LittleEndian(description);
        }
        else if (type == SPLITVMM_ELFNOTE_MICROGUEST && owner.SequenceEqual("SplitVmm\0"u8))
        {
            IsMicroguest = true;
        }
    }
}
