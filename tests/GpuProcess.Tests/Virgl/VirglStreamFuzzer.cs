namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>Command streams whose frame is right, so that the renderer's decoders see the rubbish inside.</summary>
internal static class VirglStreamFuzzer
{
    private const int Commands = 64;
    private const int Objects = 12;

    public static uint[] Make(Random random)
    {
        var words = new List<uint>();
        if (random.Next(3) == 0)
        {
            // A sub-context to work in, which most commands want.
            words.AddRange([29 | (1u << 16), 1, 28 | (1u << 16), 1]);
        }

        for (int count = random.Next(1, 8); count > 0; count--)
        {
            int length = random.Next(20) == 0 ? random.Next(60) : random.Next(14);
            int announced = random.Next(30) == 0 ? random.Next(0x10000) : length;
            words.Add((uint)random.Next(Commands) | ((uint)random.Next(Objects) << 8) | ((uint)announced << 16));
            for (int i = 0; i < length; i++)
            {
                words.Add(Word(random));
            }
        }

        return [.. words];
    }

    private static uint Word(Random random) => random.Next(8) switch
    {
        0 => (uint)random.Next(),
        1 => uint.MaxValue,
        2 => 1u << random.Next(32),
        3 => BitConverter.SingleToUInt32Bits(random.NextSingle()),
        _ => (uint)random.Next(12),
    };
}
