using System.Globalization;

namespace SplitVmm.Diagnosis;

/// <summary>
/// What a user may write for <c>drm_node</c>: the path of a render node, or the address of its GPU on PCI, which stays the same when
/// GPUs are numbered anew: <c>0000:03:00.0</c>, or <c>03:00.0</c>.
/// </summary>
public static class DrmNodeName
{
    /// <summary>For messages, behind "takes".</summary>
    public const string Takes = "a path, for example /dev/dri/renderD128, or a PCI address, for example 0000:03:00.0";

    public static bool IsRight(string name) => name.StartsWith('/') || Normalize(name) is not null;

    /// <summary>Finds the node.</summary>
    /// <param name="name">After <see cref="IsRight"/>.</param>
    /// <param name="why">If null is returned: the reason, to follow the name.</param>
    /// <param name="sysfs">Where sysfs is; of tests, a copy.</param>
    /// <returns>A path; null: no GPU at that address has a render node.</returns>
    public static string? Find(string name, out string why, string sysfs = "/sys")
    {
        why = "";
        if (Normalize(name) is not { } address)
        {
            return name;
        }

        var others = new List<string>();
        string folder = Path.Combine(sysfs, "class", "drm");
        IEnumerable<string> nodes = Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, "renderD*") : [];
        foreach (string node in nodes.Order(StringComparer.Ordinal))
        {
            string? device = new FileInfo(Path.Combine(node, "device")).ResolveLinkTarget(returnFinalTarget: true)?.Name;
            if (device == address)
            {
                return "/dev/dri/" + Path.GetFileName(node);
            }

            others.Add($"{Path.GetFileName(node)} is at {device}");
        }

        why = $"has no render node: {(others.Count == 0 ? "this host has none" : string.Join(", ", others))}";
        return null;
    }

    /// <returns>The address as sysfs has it; null: it is none.</returns>
    private static string? Normalize(string name)
    {
        string[] parts = name.Split(':', '.');
        string[] whole = parts.Length == 3 ? ["0000", .. parts] : parts;
        ReadOnlySpan<int> digits = [4, 2, 2, 1];
        bool isAddress = whole.Length == digits.Length && name.LastIndexOf(':') < name.IndexOf('.', StringComparison.Ordinal);
        for (int i = 0; isAddress && i < digits.Length; i++)
        {
            isAddress = whole[i].Length == digits[i] && uint.TryParse(whole[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        }

        return isAddress ? $"{whole[0]}:{whole[1]}:{whole[2]}.{whole[3]}".ToLowerInvariant() : null;
    }
}
