namespace SplitVmm.GpuProcess.Replay;

/// <summary>One command of a stream: its words, the header first.</summary>
internal readonly ref struct VirglCommand
{
    private VirglCommand(ReadOnlySpan<uint> words) => Words = words;

    public ReadOnlySpan<uint> Words { get; }

    public VirglCommandCode Code => (VirglCommandCode)(byte)Words[0];

    public VirglObjectType ObjectType => (VirglObjectType)(byte)(Words[0] >> 8);

    /// <summary>Words behind the header.</summary>
    public int Length => Words.Length - 1;

    /// <summary>Word <paramref name="index"/> as the protocol counts them, from 1; 0 beyond the end.</summary>
    public uint this[int index] => index < Words.Length ? Words[index] : 0;

    public static uint Header(VirglCommandCode code, int length, VirglObjectType type = 0) =>
        (uint)code | ((uint)type << 8) | ((uint)length << 16);

    /// <summary>Takes the next command off a stream; false at its end, and where less is left than the header says.</summary>
    public static bool TryTake(ref ReadOnlySpan<uint> stream, out VirglCommand command)
    {
        command = default;
        if (stream.IsEmpty)
        {
            return false;
        }

        int words = (int)(stream[0] >> 16) + 1;
        if (words > stream.Length)
        {
            return false;
        }

        command = new VirglCommand(stream[..words]);
        stream = stream[words..];
        return true;
    }
}
