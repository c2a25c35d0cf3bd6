using SplitVmm.HostileGpu.Interop;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.HostileGpu.Attacks;

/// <summary>Against the next gpu-process, which restores from what this one leaves behind.</summary>
internal static class JournalAttacks
{
    private const int Mutations = 12;

    public static IEnumerable<Attack> All =>
    [
        new("journal: random bytes", ends => Write(ends, (memory, random) => random.NextBytes(memory))),
        new("journal: every bit set", ends => Write(ends, (memory, _) => memory.Fill(0xff))),
        new("journal: zeros", ends => Write(ends, (memory, _) => memory.Clear())),
        new("journal: the file cut off", ends => { _ = ends.Attach(); _ = Libc.ftruncate(ends.Journal.Number, 0); }),
        new("journal: the file of a terabyte", ends => { _ = ends.Attach(); _ = Libc.ftruncate(ends.Journal.Number, 1L << 40); }),
        .. Enumerable.Range(1, Mutations).Select(seed => new Attack($"journal: changed here and there ({seed})", ends => Mutate(ends, seed))),
    ];

    private delegate void Change(Span<byte> memory, Random random);

    private static unsafe void Write(Ends ends, Change change, int seed = 9)
    {
        _ = ends.Attach();
        if (!MemFd.TryGetSize(ends.Journal, out long size) || size == 0)
        {
            return;
        }

        int length = (int)Math.Min(size, int.MaxValue);
        byte* memory = Libc.mmap(null, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, ends.Journal.Number, 0);
        change(new Span<byte>(memory, length), new Random(seed));
    }

    // Most of the file is unused: what is changed lies where something stands.
    private static void Mutate(Ends ends, int seed) => Write(
        ends,
        (memory, random) =>
        {
            int used = memory.LastIndexOfAnyExcept((byte)0) + 1;
            for (int i = 0; used > 0 && i < 1 + (used / 200); i++)
            {
                int at = random.Next(used);
                memory[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(memory[at] + 1), _ => (byte)0xff };
            }
        },
        seed);
}
