namespace SplitVmm.Harness;

/// <summary>Programs in C for Linux guests: folders of <c>tests/</c> whose name is the program's.</summary>
public static class GuestProgram
{
    /// <summary>Builds one without need of libraries; skips the calling test where there is no compiler.</summary>
    /// <param name="name"><c>nativeguest</c> or <c>flipguest</c>.</param>
    /// <param name="folder">Where it goes.</param>
    /// <returns>Its path.</returns>
    public static string Build(string name, string folder)
    {
        string gcc = Needs.Program("gcc", "gcc");
        string program = Path.Combine(folder, name);
        RunResult result = ChildProgram.Run(
            gcc,
            [
                "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program,
                .. Directory.GetFiles(SourceTree.Path("tests", name), "*.c"),
            ],
            TimeSpan.FromMinutes(2));
        return result.ExitStatus == 0 ? program : throw new InvalidOperationException($"gcc: {result.StandardError}");
    }
}
