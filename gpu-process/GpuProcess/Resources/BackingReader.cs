using SplitVmm.GpuProcess.Interop;

namespace SplitVmm.GpuProcess.Resources;

/// <summary>
/// Copies out of a backing at offsets that only grow, so that a picture of many single pages is walked once and
/// not once a row.
/// </summary>
internal unsafe ref struct BackingReader
{
    private readonly IoVector* _vectors;
    private readonly int _count;
    private int _index;
    private ulong _start;

    /// <param name="backing">Stays alive and bound while the reader is used.</param>
    public BackingReader(GuestBacking backing)
    {
        _vectors = backing.Vectors;
        _count = backing.VectorCount;
    }

    /// <summary>Copies bytes; the caller has checked the range against the backing's length.</summary>
    /// <param name="offset">Not before that of the call before.</param>
    /// <param name="destination">Room for <paramref name="length"/> bytes.</param>
    public void Copy(ulong offset, byte* destination, nuint length)
    {
        while (length > 0 && _index < _count)
        {
            IoVector vector = _vectors[_index];
            ulong into = offset - _start;
            if (into >= vector.Length)
            {
                _start += vector.Length;
                _index++;
                continue;
            }

            nuint part = Math.Min(length, vector.Length - (nuint)into);
            // into + part <= vector.Length: inside a piece that the backing keeps mapped. The guest may write
            // to it at the same time; pixels are not interpreted.
            Buffer.MemoryCopy(vector.Base + into, destination, length, part);
            offset += part;
            destination += part;
            length -= part;
        }
    }
}
