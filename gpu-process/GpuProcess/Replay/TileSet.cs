using SplitVmm.GpuProcess.Journal;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// Parts of a 3D resource whose contents came neither from its own guest pages nor from rendering, so that the journal
/// holds the bytes themselves. A part is known by its first pixel; the last written there counts.
/// </summary>
internal sealed class TileSet
{
    /// <summary>Bytes that the parts of one resource may take.</summary>
    public const int MaxBytes = 1 << 20;

    private readonly Dictionary<ulong, UploadSet.Upload> _tiles = [];
    private readonly List<ulong> _covered = [];

    public int Count => _tiles.Count;

    /// <summary>Bytes of all parts.</summary>
    public long Bytes { get; private set; }

    public Dictionary<ulong, UploadSet.Upload>.KeyCollection Indices => _tiles.Keys;

    /// <summary>The name of a part; false for one that lies where no texture reaches.</summary>
    public static bool TryIndex(in UploadSet.Upload tile, out ulong index)
    {
        index = ((ulong)tile.Level << 56) | ((ulong)tile.Z << 40) | ((ulong)tile.Y << 20) | tile.X;
        // Buffers are one row: they may be longer than any texture is wide.
        bool isRow = tile.Y == 0 && tile.Z == 0;
        return tile.Level < 32 && tile.Z < 1 << 16 && tile.Y < 1 << 20 && (tile.X < 1 << 20 || isRow);
    }

    /// <summary>Takes a part in; the caller has made sure of the room.</summary>
    public void Add(ulong index, in UploadSet.Upload tile, int bytes)
    {
        Remove(index);
        UploadSet.Upload kept = tile;
        // What the journal holds has no offset of its own: the field counts its bytes.
        kept.Offset = (ulong)bytes;
        _tiles.Add(index, kept);
        Bytes += bytes;
    }

    public void Remove(ulong index)
    {
        if (_tiles.Remove(index, out UploadSet.Upload former))
        {
            Bytes -= (long)former.Offset;
        }
    }

    /// <summary>Takes out the parts that something newer has been written over, in whole or in part.</summary>
    public void RemoveCovered(JournalLog log, uint resource, in UploadSet.Upload newer)
    {
        _covered.Clear();
        foreach ((ulong index, UploadSet.Upload tile) in _tiles)
        {
            if (tile.Level == newer.Level && Meets(tile.X, tile.Width, newer.X, newer.Width)
                && Meets(tile.Y, tile.Height, newer.Y, newer.Height) && Meets(tile.Z, tile.Depth, newer.Z, newer.Depth))
            {
                _covered.Add(index);
            }
        }

        foreach (ulong index in _covered)
        {
            Remove(index);
            log.Remove(new JournalKey(JournalKind.Tile, resource, 0, index));
        }
    }

    private static bool Meets(uint start, uint length, uint otherStart, uint otherLength) =>
        start < (ulong)otherStart + otherLength && otherStart < (ulong)start + length;
}
