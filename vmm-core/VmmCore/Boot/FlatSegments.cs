using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// Segments over all of memory, as values for the hidden registers and as descriptors of a GDT (Intel SDM volume 3
/// section 3.4.5). The selectors are those that Linux's 64-bit boot protocol asks for.
/// </summary>
internal static class FlatSegments
{
    public const ushort CodeSelector = 0x10;
    public const ushort DataSelector = 0x18;
    public const ushort TaskSelector = 0x20;

    private const byte ExecuteReadAccessed = 0xB;
    private const byte ReadWriteAccessed = 0x3;
    private const byte BusyTss = 0xB;

    public static KvmSegment Code(bool is64Bit) => new()
    {
        Limit = 0xFFFF_FFFF,
        Selector = CodeSelector,
        Type = ExecuteReadAccessed,
        Present = 1,
        Db = is64Bit ? (byte)0 : (byte)1,
        S = 1,
        L = is64Bit ? (byte)1 : (byte)0,
        G = 1,
    };

    public static KvmSegment Data() => new()
    {
        Limit = 0xFFFF_FFFF,
        Selector = DataSelector,
        Type = ReadWriteAccessed,
        Present = 1,
        Db = 1,
        S = 1,
        G = 1,
    };

    /// <summary>A task state segment of the least size; processors ask for one, nothing here uses it.</summary>
    public static KvmSegment Task() => new()
    {
        Limit = 0x67,
        Selector = TaskSelector,
        Type = BusyTss,
        Present = 1,
    };

    /// <summary>The GDT that fits the selectors: null, unused, code, data, task (16 bytes in long mode).</summary>
    public static ulong[] Gdt(bool is64Bit) => [0, 0, Encode(Code(is64Bit)), Encode(Data()), Encode(Task()), 0];

    /// <summary>A segment as 8 bytes of a descriptor table; the base is 0 in all of them.</summary>
    private static ulong Encode(KvmSegment segment)
    {
        uint limit = segment.G != 0 ? segment.Limit >> 12 : segment.Limit;
        ulong access = segment.Type | ((ulong)segment.S << 4) | ((ulong)segment.Dpl << 5) | ((ulong)segment.Present << 7);
        ulong flags = segment.Avl | ((ulong)segment.L << 1) | ((ulong)segment.Db << 2) | ((ulong)segment.G << 3);
        return (limit & 0xFFFF) | (access << 40) | ((ulong)(limit >> 16) << 48) | (flags << 52);
    }
}
