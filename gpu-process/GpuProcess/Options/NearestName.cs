namespace SplitVmm.GpuProcess.Options;

/// <summary>Finds what somebody who mistyped a name probably meant.</summary>
internal static class NearestName
{
    /// <returns>The known name with the fewest insertions, deletions and changes to <paramref name="typed"/>.</returns>
    public static string Find(string typed, IEnumerable<string> known) =>
        known.MinBy(name => Distance(typed, name)) ?? "";

    /// <summary>Levenshtein distance, one row of the table at a time.</summary>
    private static int Distance(string left, string right)
    {
        int[] above = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int[] row = new int[right.Length + 1];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int change = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(above[j], row[j - 1]) + 1);
            }

            above = row;
        }

        return above[right.Length];
    }
}
