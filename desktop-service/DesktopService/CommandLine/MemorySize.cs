using System.Globalization;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>An amount of guest memory, in whole MiB as the command line of vmm-core takes it.</summary>
internal readonly record struct MemorySize(long Mebibytes)
{
    /// <summary>Enough for a desktop's first steps and for the demo's guest.</summary>
    public static MemorySize Default => new(2048);

    /// <summary>Below this not even the boot structures and a kernel fit.</summary>
    public static MemorySize Least => new(16);

    /// <summary>Reads <c>512M</c>, <c>2G</c>, or a bare number of MiB.</summary>
    /// <param name="error">One line with the remedy.</param>
    public static bool TryParse(string text, out MemorySize size, out string error)
    {
        size = default;
        error = $"memory size '{text}' is not a number of MiB or a size such as 512M or 2G";
        (long unit, string digits) = text.Length == 0 ? (1, text) : char.ToUpperInvariant(text[^1]) switch
        {
            'M' => (1, text[..^1]),
            'G' => (1024, text[..^1]),
            'T' => (1024 * 1024, text[..^1]),
            _ => (1L, text),
        };
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > (1L << 24) / unit)
        {
            return false;
        }

        size = new MemorySize(count * unit);
        if (size.Mebibytes < Least.Mebibytes)
        {
            error = $"memory size '{text}' is too small: give at least {Least}, for example --memory {Default}";
            return false;
        }

        error = "";
        return true;
    }

    public override string ToString() => Mebibytes % 1024 == 0 && Mebibytes > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Mebibytes / 1024}G")
        : string.Create(CultureInfo.InvariantCulture, $"{Mebibytes}M");
}
