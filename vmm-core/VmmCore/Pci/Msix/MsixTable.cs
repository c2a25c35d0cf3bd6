using System.Runtime.InteropServices;
using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>
/// The MSI-X table of a function (PCI Local Bus 3.0 section 6.8.2) as the guest sees it in a BAR, and the masking
/// behind it. While a vector may be delivered, KVM turns its lines' signals into interrupts without this process
/// (irqfd). While the vector or the function is masked, KVM does not listen; the signals stay in the lines'
/// counters, show in the pending bits, and are replayed on unmask.
/// </summary>
public sealed class MsixTable : IMmioRegion
{
    private readonly Lock _changing = new();
    private readonly MsixVector[] _vectors;
    private bool _allowed;

    /// <param name="count">Vectors, 1 to 2048.</param>
    public MsixTable(int count, IInterruptRoutes routes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MsixRegisters.MaximumVectors);
        _vectors = new MsixVector[count];
        for (int i = 0; i < count; i++)
        {
            _vectors[i] = new MsixVector(routes);
        }
    }

    public int Count => _vectors.Length;

    /// <summary>Whether the guest has switched MSI-X on.</summary>
    public bool Enabled { get; private set; }

    /// <summary>Bytes of the table.</summary>
    public int Size => Count * MsixRegisters.PCI_MSIX_ENTRY_SIZE;

    /// <summary>Follows the message control register.</summary>
    public void SetControl(bool enabled, bool functionMasked)
    {
        lock (_changing)
        {
            Enabled = enabled;
            _allowed = enabled && !functionMasked;
            foreach (MsixVector vector in _vectors)
            {
                vector.Update(_allowed);
            }
        }
    }

    /// <summary>
    /// Connects a line to a vector in place of the one before. What the line was signalled while it had no
    /// vector is forgotten.
    /// </summary>
    /// <returns>The vector now connected: <see cref="InterruptLine.NoVector"/> if there is no such vector.</returns>
    public ushort Connect(InterruptLine line, ushort vector)
    {
        lock (_changing)
        {
            if (line.Vector != InterruptLine.NoVector)
            {
                _vectors[line.Vector].Remove(line);
            }
            else
            {
                _ = line.Event.TryDrain(out _);
            }

            line.Vector = vector < Count ? vector : InterruptLine.NoVector;
            if (vector < Count)
            {
                _vectors[vector].Add(line);
            }

            return line.Vector;
        }
    }

    /// <summary>The pending bits of 64 vectors from <paramref name="first"/>, lowest vector in bit 0.</summary>
    public ulong PollPending(int first)
    {
        ulong bits = 0;
        lock (_changing)
        {
            for (int i = first; i < Math.Min(Count, first + 64); i++)
            {
                bits |= _vectors[i].PollPending() ? 1UL << (i - first) : 0;
            }
        }

        return bits;
    }

    public void Read(ulong offset, Span<byte> data)
    {
        data.Clear();
        lock (_changing)
        {
            for (int i = 0; i < data.Length && offset + (ulong)i < (ulong)Size; i++)
            {
                int at = (int)offset + i;
                data[i] = Bytes(at)[at % MsixRegisters.PCI_MSIX_ENTRY_SIZE];
            }
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || offset >= (ulong)Size)
        {
            return;
        }

        lock (_changing)
        {
            int first = (int)offset;
            int last = Math.Min(first + data.Length, Size) - 1;
            for (int at = first; at <= last; at++)
            {
                Bytes(at)[at % MsixRegisters.PCI_MSIX_ENTRY_SIZE] = data[at - first];
            }

            // Only after all bytes are in: a half-written address must not become a route.
            _vectors[first / MsixRegisters.PCI_MSIX_ENTRY_SIZE].Update(_allowed);
            _vectors[last / MsixRegisters.PCI_MSIX_ENTRY_SIZE].Update(_allowed);
        }
    }

    /// <summary>Disabled, every vector masked, nothing pending; lines stay connected.</summary>
    public void Reset()
    {
        lock (_changing)
        {
            Enabled = false;
            _allowed = false;
            foreach (MsixVector vector in _vectors)
            {
                vector.Reset();
            }
        }
    }

    private Span<byte> Bytes(int at) =>
        MemoryMarshal.AsBytes(new Span<MsixEntry>(ref _vectors[at / MsixRegisters.PCI_MSIX_ENTRY_SIZE].Entry));
}
