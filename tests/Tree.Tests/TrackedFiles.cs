using SplitVmm.Harness;

namespace SplitVmm.Tree.Tests;

/// <summary>The files of the checkout that git tracks, or would track.</summary>
internal static class TrackedFiles
{
    public static IReadOnlyList<string> All { get; } = List();

    public static IEnumerable<string> Sources =>
        All.Where(path => Path.GetExtension(path) is ".cs" or ".c" or ".h" or ".S" or ".proto" or ".py" or ".sh" || IsScript(path));

    public static string Text(string path) => File.ReadAllText(SourceTree.Path(path));

    private static bool IsScript(string path)
    {
        if (Path.HasExtension(path))
        {
            return false;
        }

        using StreamReader reader = new(SourceTree.Path(path));
        return reader.ReadLine()?.StartsWith("#!", StringComparison.Ordinal) == true;
    }

    private static string[] List()
    {
        RunResult result = ChildProgram.Run(
            "git",
            ["-C", SourceTree.Root, "ls-files", "--cached", "--others", "--exclude-standard"],
            TimeSpan.FromMinutes(1));
        return
        [
            .. result.StandardOutput
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(path => File.Exists(SourceTree.Path(path))),
        ];
    }
}
