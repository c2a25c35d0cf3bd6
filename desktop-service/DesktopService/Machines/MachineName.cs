namespace SplitVmm.DesktopService.Machines;

/// <summary>Names of running machines, which are names of folders and parts of socket paths.</summary>
internal static class MachineName
{
    /// <summary>Socket paths end at 107 bytes.</summary>
    private const int Longest = 40;

    /// <param name="error">One line with the remedy.</param>
    public static bool TryParse(string text, out string? name, out string error)
    {
        name = text;
        bool right = text.Length is > 0 and <= Longest && text[0] is not ('.' or '-') && text.All(IsAllowed);
        error = right ? "" : $"machine name '{text}' is not 1 to {Longest} of A-Z, a-z, 0-9, '.', '_' and '-'";
        return right;
    }

    /// <summary>A name for a machine that was given none: that of its kernel's file.</summary>
    public static string FromKernel(string kernel)
    {
        string kept = new([.. Path.GetFileNameWithoutExtension(kernel).Where(IsAllowed).Take(Longest - 4)]);
        return TryParse(kept, out _, out _) ? kept : "vm";
    }

    private static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-';
}
