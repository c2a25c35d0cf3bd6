namespace SplitVmm.VmmCore.Serial;

/// <summary>The receiver's FIFO: 16 bytes, or one while the guest has the FIFOs disabled.</summary>
internal sealed class ReceiveFifo
{
    public const int FifoDepth = 16;

    private readonly byte[] _bytes = new byte[FifoDepth];
    private int _first;

    public int Count { get; private set; }

    public int Depth { get; private set; } = 1;

    public int Room => Math.Max(Depth - Count, 0);

    /// <summary>Bytes at which the guest wants an interrupt, 1, 4, 8 or 14; fewer count as a timeout.</summary>
    public int Trigger { get; set; } = 1;

    /// <summary>Changing the mode empties the FIFO.</summary>
    public void SetDepth(int depth)
    {
        if (Depth != depth)
        {
            Depth = depth;
            Clear();
        }
    }

    public void Push(byte value)
    {
        _bytes[(_first + Count) % FifoDepth] = value;
        Count++;
    }

    /// <summary>The oldest byte; an empty receiver gives 0.</summary>
    public byte Pop()
    {
        if (Count == 0)
        {
            return 0;
        }

        byte value = _bytes[_first];
        _first = (_first + 1) % FifoDepth;
        Count--;
        return value;
    }

    public void Clear() => Count = 0;
}
