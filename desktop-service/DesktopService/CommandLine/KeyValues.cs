namespace SplitVmm.DesktopService.CommandLine;

/// <summary>Looks into options of other processes, which judge them: <c>key=value,key=value</c>.</summary>
internal static class KeyValues
{
    /// <summary>The values of a key in their order; none where it does not stand, or without a value.</summary>
    public static IEnumerable<string> Of(string pairs, string key) => pairs.Split(',')
        .Where(pair => pair.StartsWith(key + "=", StringComparison.Ordinal))
        .Select(pair => pair[(key.Length + 1)..])
        .Where(value => value.Length > 0);
}
