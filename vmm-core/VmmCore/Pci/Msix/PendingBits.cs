using System.Buffers.Binary;
using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>The read-only pending bit array of an MSI-X table: one bit per vector, in quad-words.</summary>
internal sealed class PendingBits(MsixTable table) : IMmioRegion
{
    private const int BitsPerByte = 8;

    /// <summary>Bytes of the array.</summary>
    public int Size => (table.Count + 63) / 64 * sizeof(ulong);

    public void Read(ulong offset, Span<byte> data)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        data.Clear();
        for (int i = 0; i < data.Length && offset + (ulong)i < (ulong)Size; i++)
        {
            int at = (int)offset + i;
            if (i == 0 || at % sizeof(ulong) == 0)
            {
                int first = at / sizeof(ulong) * sizeof(ulong) * BitsPerByte;
                BinaryPrimitives.WriteUInt64LittleEndian(word, table.PollPending(first));
            }

            data[i] = word[at % sizeof(ulong)];
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
    }
}
