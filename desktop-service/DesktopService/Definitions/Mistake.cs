namespace SplitVmm.DesktopService.Definitions;

/// <summary>Something wrong with a definition.</summary>
/// <param name="Line">Counted from 1; 0: it is about the file as a whole.</param>
/// <param name="Text">One line that names key, value and remedy.</param>
internal sealed record Mistake(int Line, string Text)
{
    /// <summary>As compilers write it, which editors can follow.</summary>
    public string In(string file) => Line == 0 ? $"{file}: {Text}" : FormattableString.Invariant($"{file}:{Line}: {Text}");
}
