using System.Text;

namespace SplitVmm.DesktopService.Text;

/// <summary>Makes text of other processes fit for the terminal.</summary>
internal static class OneLine
{
    /// <summary>Characters of one line at most.</summary>
    public const int Longest = 400;

    /// <summary>
    /// Replaces control characters (a taken-over process must not steer the user's terminal) and cuts what is too
    /// long.
    /// </summary>
    public static string Clean(string text)
    {
        string line = text.TrimEnd();
        var clean = new StringBuilder(Math.Min(line.Length, Longest));
        foreach (Rune rune in line.EnumerateRunes())
        {
            if (clean.Length >= Longest)
            {
                return clean.Append('…').ToString();
            }

            bool unsafeHere = Rune.IsControl(rune)
                || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format
                    or System.Globalization.UnicodeCategory.LineSeparator
                    or System.Globalization.UnicodeCategory.ParagraphSeparator;
            _ = unsafeHere ? clean.Append(' ') : clean.Append(rune.ToString());
        }

        return clean.ToString();
    }
}
