using System.Globalization;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Memory for guests: what is free, and what the user's control group leaves of it.</summary>
internal static class MemoryCheck
{
    /// <summary>Less than <c>splitvmm run</c> gives a guest by default.</summary>
    private const double LeastGibibytes = 1;

    public static Finding Run(IHost host)
    {
        const string Id = "memory";
        string facts = host.ReadText("/proc/meminfo") ?? "";
        if (Gibibytes(facts, "MemTotal:") is not { } total || Gibibytes(facts, "MemAvailable:") is not { } available)
        {
            return Finding.Unknown(Id, "memory", "/proc/meminfo does not say");
        }

        double? limit = GroupLimit(host);
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{total:0.0} GiB, {available:0.0} GiB of it available, {(limit is { } most ? $"control group limited to {most:0.0} GiB" : "no limit by control groups")}");
        double usable = Math.Min(available, limit ?? available);
        return usable >= LeastGibibytes
            ? Finding.Works(Id, "memory", text)
            : Finding.Limited(Id, "memory", text, "end other programs, raise the limit, or give the guest less by --memory");
    }

    private static double? Gibibytes(string facts, string name)
    {
        string? line = facts.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        string digits = new([.. (line ?? "").Where(char.IsAsciiDigit)]);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes / 1048576.0 : null;
    }

    // The least of the group's limit and of those above it (cgroup v2, "Memory Interface Files").
    private static double? GroupLimit(IHost host)
    {
        string? own = (host.ReadText("/proc/self/cgroup") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal));
        double? least = null;
        for (string? path = own?[3..].Trim(); !string.IsNullOrEmpty(path) && path != "/"; path = Path.GetDirectoryName(path))
        {
            string text = host.ReadText($"/sys/fs/cgroup{path}/memory.max")?.Trim() ?? "";
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
            {
                double limit = bytes / 1073741824.0;
                least = least < limit ? least : limit;
            }
        }

        return least;
    }
}
