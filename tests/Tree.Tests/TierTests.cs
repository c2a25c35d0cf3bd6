using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Tree.Tests;

/// <summary>A test without a tier would be run by no <c>./run-tests --tier</c>.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class TierTests
{
    [Fact]
    public void EveryTestClass_SaysItsTier()
    {
        string[] silent =
        [
            .. TrackedFiles.Sources
                .Where(path => path.StartsWith("tests/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
                .Where(path => TestAttribute().IsMatch(TrackedFiles.Text(path)))
                .Where(path => !TrackedFiles.Text(path).Contains("[Trait(\"Tier\",", StringComparison.Ordinal)),
        ];

        Assert.Empty(silent);
    }

    [GeneratedRegex(@"^\s*\[(Fact|Theory)\b", RegexOptions.Multiline)]
    private static partial Regex TestAttribute();
}
