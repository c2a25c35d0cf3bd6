namespace SplitVmm.DesktopService.Spawning;

/// <summary>Where the other programs are: beside this one, or where <c>SPLITVMM_LIBEXEC</c> says.</summary>
internal static class ProgramFolder
{
    public const string Variable = "SPLITVMM_LIBEXEC";

    /// <exception cref="FileNotFoundException">One line for the user.</exception>
    public static string Find(string program)
    {
        string? chosen = Environment.GetEnvironmentVariable(Variable);
        string folder = string.IsNullOrEmpty(chosen)
            ? Path.GetDirectoryName(Environment.ProcessPath) ?? "/"
            : chosen;
        string path = Path.Combine(folder, program);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException(
                $"{program} is not in {folder}; install the four programs side by side or set {Variable} to their folder");
    }
}
