using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>
/// The memory of the journal, which outlives the process:
/// <code>
/// 0      header: magic, version, attempts, size, generation; the commit word at 64; cursors from 128
/// 4096   marks, one for each head of the control queue
/// 24576  area 0, then area 1, of one size: records, one after the other
/// </code>
/// The commit word says how far which area is valid. Everything changes by one store to it.
/// </summary>
internal sealed unsafe class JournalMemory : IDisposable
{
    /// <summary>"SVGPUJNL" in memory.</summary>
    public const ulong Magic = 0x4C4E_4A55_5047_5653;
    public const uint Version = 1;
    public const int MarkCount = 1024;
    public const int CursorCount = 16;

    /// <summary>Bytes that such a memory has at least.</summary>
    public const long MinSize = 256 << 10;

    /// <summary>Bytes that are used at most: offsets of an area have 31 bits, in units of 8 bytes.</summary>
    public const long MaxSize = 1L << 30;

    private const int Page = 4096;
    private const int CommitOffset = 64;
    private const int CursorOffset = 128;
    private const int AreasOffset = 6 * Page;

    private readonly SharedMapping _mapping;

    private JournalMemory(SharedMapping mapping)
    {
        _mapping = mapping;
        AreaSize = (long)((mapping.Length - AreasOffset) / 2 / Page * Page);
    }

    public bool IsInvalid => _mapping.IsInvalid;

    /// <summary>Bytes of each area.</summary>
    public long AreaSize { get; }

    /// <summary>The first fields.</summary>
    public ref HeaderFields Header => ref *(HeaderFields*)_mapping.Pointer;

    /// <summary>Which area is valid up to where, and the number of the last request executed.</summary>
    public ulong Commit
    {
        get => Volatile.Read(ref *(ulong*)(_mapping.Pointer + CommitOffset));
        // Release: whatever was stored before is there for whoever reads this word.
        set => Volatile.Write(ref *(ulong*)(_mapping.Pointer + CommitOffset), value);
    }

    /// <summary>Cursors; each is written without a commit, because a torn one is only a cursor in a wrong place.</summary>
    public Span<CursorFields> Cursors => new(_mapping.Pointer + CursorOffset, CursorCount);

    /// <summary>Marks by head.</summary>
    public Span<MarkFields> Marks => new(_mapping.Pointer + Page, MarkCount);

    /// <summary>Maps a memfd that the supervisor made.</summary>
    /// <returns>Why it cannot serve, in one line; null if it does.</returns>
    /// <exception cref="Platform.Errors.ErrnoException">It cannot be mapped.</exception>
    public static string? TryMap(Descriptor file, out JournalMemory? memory)
    {
        memory = null;
        if (!MemFd.TryGetSeals(file, out Seals seals) || (seals & Seals.F_SEAL_SHRINK) == 0)
        {
            // A file that becomes shorter under the mapping would kill this process.
            return "the journal is not a memfd that is sealed against shrinking";
        }

        if (!MemFd.TryGetSize(file, out long size) || size < MinSize)
        {
            return $"the journal has {size} bytes, less than {MinSize}";
        }

        memory = new JournalMemory(SharedMapping.Create(file, 0, (nuint)Math.Min(size, MaxSize)));
        return null;
    }

    /// <summary>First byte of an area; <see cref="AreaSize"/> bytes belong to it.</summary>
    public byte* Area(int area) => _mapping.Pointer + AreasOffset + (area * AreaSize);

    /// <summary>Whether an earlier process left something that looks like a journal of this size.</summary>
    public bool IsFormatted => Header.Magic == Magic && Header.Version == Version && Header.Size == (ulong)_mapping.Length;

    /// <summary>Makes it an empty journal.</summary>
    public void Format()
    {
        Commit = 0;
        Cursors.Clear();
        Marks.Clear();
        Header = new HeaderFields { Version = Version, Size = (ulong)_mapping.Length };
        Volatile.Write(ref Header.Magic, Magic);
    }

    public void Dispose() => _mapping.Dispose();

    /// <summary>The first 64 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    internal struct HeaderFields
    {
        [FieldOffset(0)] public ulong Magic;
        [FieldOffset(8)] public uint Version;

        /// <summary>Restorations that came to their end and were not seen to hold.</summary>
        [FieldOffset(12)] public uint Attempts;

        [FieldOffset(16)] public ulong Size;

        /// <summary>Processes that have used this journal.</summary>
        [FieldOffset(24)] public ulong Generation;

        /// <summary>What is being restored at this moment; none: nothing.</summary>
        [FieldOffset(32)] public RestorationPoint Now;

        /// <summary>What the last process to die in a restoration was restoring.</summary>
        [FieldOffset(44)] public RestorationPoint Death;

        /// <summary>How many in a row died there.</summary>
        [FieldOffset(56)] public uint Deaths;
    }

    /// <summary>One thing that is restored: what kind, whose, which.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 12)]
    internal struct RestorationPoint
    {
        /// <summary>Written last, and first cleared.</summary>
        [FieldOffset(0)] public JournalKind Kind;
        [FieldOffset(4)] public uint Owner;
        [FieldOffset(8)] public uint Number;

        public readonly bool Is(in RestorationPoint other) =>
            Kind == other.Kind && Owner == other.Owner && Number == other.Number;
    }

    /// <summary>A cursor: what the last VIRTIO_GPU_CMD_UPDATE_CURSOR and MOVE_CURSOR said.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct CursorFields
    {
        /// <summary>0: hidden.</summary>
        [FieldOffset(0)] public uint ResourceId;
        [FieldOffset(4)] public uint HotX;
        [FieldOffset(8)] public uint HotY;
        [FieldOffset(12)] public uint X;
        [FieldOffset(16)] public uint Y;

        public static CursorFields Of(in VirtioGpuUpdateCursor request) => new()
        {
            ResourceId = request.ResourceId,
            HotX = request.HotX,
            HotY = request.HotY,
            X = request.Pos.X,
            Y = request.Pos.Y,
        };
    }

    /// <summary>What is known of the request of one head.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal struct MarkFields
    {
        /// <summary>The request's number in the in-flight table, plus one; 0: none.</summary>
        [FieldOffset(0)] public ulong Request;

        /// <summary>Its number in the order of execution: executed if the commit word has come so far.</summary>
        [FieldOffset(8)] public uint Sequence;

        /// <summary>Bytes of the response.</summary>
        [FieldOffset(12)] public uint Written;
    }
}
