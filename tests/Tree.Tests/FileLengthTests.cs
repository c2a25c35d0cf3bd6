using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Tree.Tests;

[Trait("Tier", Tiers.Unit)]
public sealed class FileLengthTests
{
    private const int MostLines = 500;

    [Fact]
    public void EverySource_IsShortEnoughToBeOneIdea()
    {
        string[] tooLong =
        [
            .. TrackedFiles.Sources
                .Select(path => (path, lines: File.ReadLines(SourceTree.Path(path)).Count()))
                .Where(file => file.lines > MostLines)
                .Select(file => $"{file.path}: {file.lines} lines"),
        ];

        Assert.Empty(tooLong);
    }
}
