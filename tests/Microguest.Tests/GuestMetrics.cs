using System.Globalization;

namespace SplitVmm.Microguest.Tests;

/// <summary>What the guest measured: its lines <c>MG: metric NAME VALUE UNIT</c>.</summary>
internal static class GuestMetrics
{
    private const string Prefix = "MG: metric ";

    /// <summary>The lines without their prefix.</summary>
    public static IEnumerable<string> Lines(string console) =>
        console.Split('\n').Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).Select(line => line[Prefix.Length..].Trim());

    /// <summary>Times by name, in nanoseconds.</summary>
    public static IReadOnlyDictionary<string, double> Times(string console) => Lines(console)
        .Select(line => line.Split(' '))
        .Where(words => words is [_, _, "ns"])
        .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));
}
