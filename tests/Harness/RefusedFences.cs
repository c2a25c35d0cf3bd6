namespace SplitVmm.Harness;

/// <summary>
/// A libvirglrenderer that refuses every third fence (<c>tests/shims/refused-fences.c</c>). It is put in front of the
/// real library, which goes by <see cref="RealName"/> then: gpu-process itself knows nothing of it.
/// </summary>
public static class RefusedFences
{
    /// <summary>What the real library is called where the shim stands in its place.</summary>
    public const string RealName = "libvirglrenderer-real.so";

    /// <summary>Builds the shim; skips the calling test where there is no compiler.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <returns>Its path.</returns>
    public static string Build(string folder)
    {
        string gcc = Needs.Program("gcc", "gcc");
        string library = Path.Combine(folder, "refused-fences.so");
        // Linked to a library without anything in it that has the real one's new name.
        string stub = Directory.CreateDirectory(Path.Combine(folder, "stub")).FullName;
        Compile(gcc, "-shared", "-x", "c", "/dev/null", "-o", Path.Combine(stub, RealName));
        Compile(
            gcc, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", SourceTree.Path("tests", "shims", "refused-fences.c"),
            "-o", library, "-L", stub, "-Wl,--no-as-needed", "-l:" + RealName);
        return library;
    }

    private static void Compile(string gcc, params string[] arguments)
    {
        RunResult result = ChildProgram.Run(gcc, arguments, TimeSpan.FromMinutes(2));
        if (result.ExitStatus != 0)
        {
            throw new InvalidOperationException($"gcc {string.Join(' ', arguments)}: {result.StandardError}");
        }
    }
}
