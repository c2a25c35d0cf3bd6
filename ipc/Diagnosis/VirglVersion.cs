namespace SplitVmm.Diagnosis;

/// <summary>
/// A release series of virglrenderer. The library does not say its version: the functions that it exports do, and so
/// does the name of its file. gpu-process, <c>splitvmm doctor</c> and docs/gpu.md all read this table.
/// </summary>
/// <param name="Name">The first release of the series.</param>
/// <param name="FileVersion">What follows <c>libvirglrenderer.so.</c> in the name of the file, less the last number.</param>
/// <param name="Debian">The Debian release that has it; empty: none.</param>
/// <param name="FirstExport">A function that this series is the first to export; null: exports do not tell it from the one before.</param>
/// <param name="Usable">gpu-process works with it.</param>
/// <param name="Tested">The tests of every run use it.</param>
/// <param name="Can">What SplitVmm's guests can have by it, or could by its next versions.</param>
/// <param name="Cannot">What this series lacks.</param>
public sealed record VirglVersion(
    string Name, string FileVersion, string Debian, string? FirstExport, bool Usable, bool Tested, string Can, string Cannot)
{
    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<VirglVersion> All { get; } =
    [
        new("0.10", "1.7", "12", null, false, false,
            "nothing: it is recognised and refused; 2D by `virgl=off`",
            "a stable API with callbacks of version 4 and fences by another thread, a log callback"),
        new("1.0", "1.8", "", "virgl_set_log_callback", true, false,
            "virgl; Venus where built so; DRM native contexts for msm where built so",
            "DRM native contexts for amdgpu, asahi and i915"),
        new("1.1", "1.9", "13", null, true, true,
            "the same; DRM native contexts for amdgpu too where built so (Debian's is built with Venus and without DRM)",
            "a fence thread that comes back after `virgl_renderer_reset` (not used, for that reason); DRM native contexts for asahi and i915"),
        new("1.2", "1.10", "", "virgl_renderer_attach_fence", true, false,
            "the same; fences from outside the library; DRM native contexts for asahi too where built so",
            "DRM native contexts for i915"),
        new("1.3", "1.11", "testing", "virgl_renderer_resource_map_fixed", true, true,
            "the same; DRM native contexts for i915 and panfrost too where built so (Debian's is built with Venus and without DRM)",
            "nothing that SplitVmm knows a use for"),
    ];

    /// <summary>The newest series that exports tell to be there.</summary>
    /// <param name="exports">Whether the library has a function of a name.</param>
    /// <returns>Among series with the same exports, the first.</returns>
    public static VirglVersion Recognise(Func<string, bool> exports) =>
        All.LastOrDefault(version => version.FirstExport is { } name && exports(name)) ?? All[0];

    /// <param name="fileName">For example <c>libvirglrenderer.so.1.9.0</c>.</param>
    /// <returns>Null: no series of this table.</returns>
    public static VirglVersion? OfFile(string fileName)
    {
        const string Stem = "libvirglrenderer.so.";
        string[] numbers = fileName.StartsWith(Stem, StringComparison.Ordinal) ? fileName[Stem.Length..].Split('.') : [];
        return numbers.Length < 2 ? null : All.FirstOrDefault(version => version.FileVersion == $"{numbers[0]}.{numbers[1]}");
    }

    /// <summary>The series that share this one's exports, for the user: <c>1.0 or 1.1</c>, <c>1.3 or newer</c>.</summary>
    public string Range()
    {
        int first = Index(this);
        int next = first + 1;
        while (next < All.Count && All[next].FirstExport is null)
        {
            next++;
        }

        return next == All.Count ? $"{Name} or newer" : string.Join(" or ", All.Skip(first).Take(next - first).Select(version => version.Name));
    }

    /// <summary>This series is the other or came after it.</summary>
    public bool IsAtLeast(string other) => Index(this) >= All.TakeWhile(version => version.Name != other).Count();

    private static int Index(VirglVersion version) => All.TakeWhile(other => other != version).Count();
}
