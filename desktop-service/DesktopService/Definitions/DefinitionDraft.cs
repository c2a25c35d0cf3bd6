using SplitVmm.DesktopService.CommandLine;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>A definition while its keys are read, one after another.</summary>
/// <param name="folder">Of the file: paths in it are relative to that.</param>
internal sealed class DefinitionDraft(string folder)
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    public MachineSettings Settings { get; set; } = new();

    public string? Title { get; set; }

    /// <summary>False: a machine without a GPU.</summary>
    public bool HasGpu { get; set; } = true;

    /// <summary>For gpu-process, as <c>key=value</c>.</summary>
    public List<string> Gpu { get; } = [];

    public DisplayBackend? Backend { get; set; }

    /// <summary>For display-process.</summary>
    public List<KeyValuePair<string, string>> Display { get; } = [];

    public int? Crashes { get; set; }

    public TimeSpan? Window { get; set; }

    public TimeSpan? LongestDelay { get; set; }

    /// <summary>Keys that the file has, with their lines.</summary>
    public IReadOnlyDictionary<string, int> Lines => _lines;

    /// <returns>The line of the same key before, if it was there.</returns>
    public int? Note(DefinitionValue value)
    {
        if (_lines.TryGetValue(value.Path, out int line))
        {
            return line;
        }

        _lines[value.Path] = value.Line;
        return null;
    }

    /// <summary>A path of the file as an absolute one; <c>~/</c> is the user's home.</summary>
    public string? PathOf(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        string path = text.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), text[2..])
            : text;
        return Path.GetFullPath(path, folder);
    }
}
