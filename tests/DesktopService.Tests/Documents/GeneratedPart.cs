using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Documents;

/// <summary>A part of a page, between markers, that is made of what the program knows.</summary>
internal static class GeneratedPart
{
    /// <summary>Compares, or with <c>SPLITVMM_UPDATE_DOCS=1</c> writes.</summary>
    public static void Check(string page, string name, string expected)
    {
        string path = SourceTree.Path(page);
        string begin = $"<!-- generated: {name} -->\n\n";
        const string End = "\n<!-- end -->";
        string text = File.ReadAllText(path);
        int start = text.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{page} has no marker {begin.Trim()}");
        start += begin.Length;
        int end = text.IndexOf(End, start - 1, StringComparison.Ordinal);
        Assert.True(end >= 0, $"{page} has no marker {End.Trim()} after {begin.Trim()}");
        string found = end < start ? "" : text[start..end];
        if (Environment.GetEnvironmentVariable("SPLITVMM_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, text[..start] + expected + text[Math.Max(start - 1, end)..]);
            found = expected;
        }

        Assert.True(found == expected, $"{page} is not what the code says; SPLITVMM_UPDATE_DOCS=1 ./run-tests --tier unit --filter Page writes it");
    }
}
