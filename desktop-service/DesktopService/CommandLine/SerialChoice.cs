namespace SplitVmm.DesktopService.CommandLine;

/// <summary>Where the guest's serial console goes.</summary>
internal sealed record SerialChoice
{
    private SerialChoice(bool isStdio, string? file)
    {
        IsStdio = isStdio;
        File = file;
    }

    public static SerialChoice Stdio { get; } = new(isStdio: true, file: null);

    public static SerialChoice None { get; } = new(isStdio: false, file: null);

    public static SerialChoice ToFile(string path) => new(isStdio: false, path);

    public bool IsStdio { get; }

    /// <summary>The file that the output goes to, or null.</summary>
    public string? File { get; }

    public bool IsNone => !IsStdio && File is null;

    /// <summary>Reads <c>stdio|none|file:PATH</c>.</summary>
    /// <param name="error">One line with the remedy.</param>
    public static bool TryParse(string text, out SerialChoice choice, out string error)
    {
        const string FilePrefix = "file:";
        error = "";
        choice = None;
        switch (text)
        {
            case "stdio":
                choice = Stdio;
                return true;
            case "none":
                return true;
            case var _ when text.StartsWith(FilePrefix, StringComparison.Ordinal) && text.Length > FilePrefix.Length:
                choice = new SerialChoice(isStdio: false, text[FilePrefix.Length..]);
                return true;
            default:
                error = $"serial console '{text}' is not one of stdio, none, file:PATH";
                return false;
        }
    }

    public override string ToString() => IsStdio ? "stdio" : File is null ? "none" : "file:" + File;
}
