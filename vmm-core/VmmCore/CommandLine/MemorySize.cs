using System.Globalization;
using System.Numerics;

namespace SplitVmm.VmmCore.CommandLine;

/// <summary>Sizes as users write them: 512M, 4G, 1T; a plain number is bytes.</summary>
internal static class MemorySize
{
    /// <summary>Least RAM: the first MiB is the machine's, and a freestanding guest wants some.</summary>
    public const ulong Minimum = 16 << 20;

    private const ulong Granularity = 4096;
    private const string Units = "KMGTPE";

    /// <summary>Null if <paramref name="text"/> is a usable size of RAM; else what is wrong and what to write.</summary>
    public static string? Parse(string text, out ulong bytes)
    {
        bytes = 0;
        int unit = text.Length > 0 ? Units.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal) : -1;
        ReadOnlySpan<char> digits = unit >= 0 ? text.AsSpan(0, text.Length - 1) : text;
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return "is not a size; write for example 512M or 4G";
        }

        int shift = 10 * (unit + 1);
        if (number != 0 && shift > BitOperations.LeadingZeroCount(number))
        {
            return "is larger than any machine; write for example 4G";
        }

        bytes = number << shift;
        return bytes switch
        {
            < Minimum => "is too little RAM; write at least 16M",
            _ when bytes % Granularity != 0 => "is not a multiple of 4K; write for example 512M",
            _ => null,
        };
    }
}
