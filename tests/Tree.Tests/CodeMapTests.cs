using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Tree.Tests;

/// <summary>docs/architecture.md is the map: what it names exists, and every folder with code is on it.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class CodeMapTests
{
    [Fact]
    public void CodeMap_NamesOnlyFoldersThatExist()
    {
        string[] gone = [.. MappedFolders().Where(folder => !Directory.Exists(SourceTree.Path(folder)))];

        Assert.Empty(gone);
    }

    [Fact]
    public void CodeMap_NamesEveryFolderThatHoldsSources()
    {
        HashSet<string> mapped = [.. MappedFolders()];
        string[] missing =
        [
            .. TrackedFiles.Sources
                .Where(path => path.Contains('/', StringComparison.Ordinal) && !path.StartsWith('.'))
                .Select(path => Path.GetDirectoryName(path)!)
                .Distinct()
                .Where(folder => !mapped.Contains(folder) && !IsBelowMapped(folder, mapped))
                .Order(),
        ];

        Assert.Empty(missing);
    }

    // Deeper folders may stay off the map where a mapped parent says what they hold, but not the first three levels.
    private static bool IsBelowMapped(string folder, HashSet<string> mapped) =>
        folder.Split('/').Length > 3 && mapped.Contains(string.Join('/', folder.Split('/')[..3]));

    private static IEnumerable<string> MappedFolders()
    {
        string page = File.ReadAllText(SourceTree.Path("docs", "architecture.md"));
        int start = page.IndexOf("## Code map", StringComparison.Ordinal);
        Assert.True(start >= 0, "docs/architecture.md has no section 'Code map'");
        return MapLine().Matches(page[start..]).Select(match => match.Groups[1].Value.TrimEnd('/'));
    }

    [GeneratedRegex(@"^\| `([^`]+/)` \|", RegexOptions.Multiline)]
    private static partial Regex MapLine();
}
