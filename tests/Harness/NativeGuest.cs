namespace SplitVmm.Harness;

/// <summary>The guest's program that speaks the protocols of DRM native contexts (<c>tests/nativeguest</c>).</summary>
public static class NativeGuest
{
    /// <summary>Builds it without need of libraries; skips the calling test where there is no compiler.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <returns>Its path.</returns>
    public static string Build(string folder)
    {
        string gcc = Needs.Program("gcc", "gcc");
        string program = Path.Combine(folder, "nativeguest");
        RunResult result = ChildProgram.Run(
            gcc,
            [
                "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program,
                .. Directory.GetFiles(SourceTree.Path("tests", "nativeguest"), "*.c"),
            ],
            TimeSpan.FromMinutes(2));
        return result.ExitStatus == 0 ? program : throw new InvalidOperationException($"gcc: {result.StandardError}");
    }
}
