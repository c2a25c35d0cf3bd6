using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Tree.Tests;

/// <summary>
/// docs/gpu.md holds the tables that the programs judge by, between markers. With <c>SPLITVMM_UPDATE_DOCS=1</c> these
/// tests write them there.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class GpuPageTests
{
    private const string Remedy = "docs/gpu.md is not what the code says; SPLITVMM_UPDATE_DOCS=1 ./run-tests --tier unit --filter GpuPage writes it";

    private static readonly string s_path = SourceTree.Path("docs", "gpu.md");

    [Theory]
    [InlineData("host")]
    [InlineData("guest")]
    [InlineData("versions")]
    public void Table_OnThePage_IsThatOfTheCode(string name)
    {
        string expected = name switch
        {
            "host" => GpuTables.Host(),
            "guest" => GpuTables.Guest(),
            _ => GpuTables.Versions(),
        } + "\n";
        string begin = $"<!-- generated: {name} -->\n\n";
        const string End = "<!-- end -->";
        string page = File.ReadAllText(s_path);
        int start = page.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/gpu.md has no marker {begin.Trim()}");
        start += begin.Length;
        int end = page.IndexOf(End, start, StringComparison.Ordinal);
        Assert.True(end >= 0, $"docs/gpu.md has no marker {End} after {begin.Trim()}");

        if (Environment.GetEnvironmentVariable("SPLITVMM_UPDATE_DOCS") == "1")
        {
            page = page[..start] + expected + page[end..];
            File.WriteAllText(s_path, page);
            end = start + expected.Length;
        }

        Assert.True(page[start..end] == expected, Remedy);
    }
}
