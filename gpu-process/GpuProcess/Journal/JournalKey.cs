using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>
/// What a record says something about. A record replaces the one of the same key, so the journal holds one value
/// for each.
/// <code>
/// 0  le32 owner   4  le16 slot   6  u8 kind, u8 zero   8  le64 index
/// </code>
/// </summary>
/// <param name="Owner">The guest's id of a resource or context, or a scanout.</param>
/// <param name="Slot">Tells values of one owner apart; its meaning is the kind's.</param>
/// <param name="Index">As <paramref name="Slot"/>.</param>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal readonly struct JournalKey(JournalKind kind, uint owner, ushort slot = 0, ulong index = 0) : IEquatable<JournalKey>
{
    [FieldOffset(0)] public readonly uint Owner = owner;
    [FieldOffset(4)] public readonly ushort Slot = slot;
    [FieldOffset(6)] public readonly JournalKind Kind = kind;
    [FieldOffset(7)] public readonly byte Zero;
    [FieldOffset(8)] public readonly ulong Index = index;

    public bool Equals(JournalKey other) =>
        Owner == other.Owner && Slot == other.Slot && Kind == other.Kind && Zero == other.Zero && Index == other.Index;

    public override bool Equals(object? obj) => obj is JournalKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Owner, Slot, Kind, Index);
}
