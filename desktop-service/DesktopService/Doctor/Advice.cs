namespace SplitVmm.DesktopService.Doctor;

/// <summary>
/// The processes tell what is wrong in one line that ends with the remedy, after a colon or a semicolon. Here the two
/// are taken apart.
/// </summary>
internal static class Advice
{
    public static (string Text, string? Remedy) Split(string line)
    {
        int depth = 0;
        int at = -1;
        for (int i = 0; i + 1 < line.Length; i++)
        {
            depth += line[i] switch { '(' => 1, ')' => -1, _ => 0 };
            // A later colon is part of a remedy; a later semicolon begins it.
            bool breaks = depth == 0 && line[i + 1] == ' ' && (line[i] == ';' || (line[i] == ':' && at < 0));
            at = breaks ? i : at;
        }

        return at < 0 ? (line, null) : (line[..at], line[(at + 2)..]);
    }

    public static Finding Missing(string id, string title, string line) => Of(FindingState.Missing, id, title, line);

    public static Finding Of(FindingState state, string id, string title, string line)
    {
        (string text, string? remedy) = Split(line);
        return remedy is null ? new Finding(id, title, state, text) : new Finding(id, title, state, text, remedy);
    }
}
