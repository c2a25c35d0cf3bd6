namespace SplitVmm.Platform.Text;

/// <summary>Finds what a mistyped word was probably meant to be.</summary>
public static class Nearest
{
    /// <summary>"did you mean …?" if a known word is near enough, otherwise the list of the known ones.</summary>
    public static string Suggest(string word, IReadOnlyCollection<string> known)
    {
        if (known.Count == 0)
        {
            return "it takes none";
        }

        string? best = known.MinBy(candidate => Distance(word, candidate));
        return best is not null && Distance(word, best) <= Math.Max(2, best.Length / 3)
            ? $"did you mean {best}?"
            : $"known are {string.Join(", ", known)}";
    }

    /// <summary>Levenshtein's distance: single-letter changes from one word to the other.</summary>
    public static int Distance(string first, string second)
    {
        int[] above = [.. Enumerable.Range(0, second.Length + 1)];
        for (int i = 1; i <= first.Length; i++)
        {
            var row = new int[second.Length + 1];
            row[0] = i;
            for (int j = 1; j <= second.Length; j++)
            {
                int change = above[j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(above[j], row[j - 1]) + 1);
            }

            above = row;
        }

        return above[^1];
    }
}
