using SplitVmm.Harness;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>Programs that stand for the processes of a machine, and note how they were started.</summary>
internal static class StandInPrograms
{
    public static readonly string[] Roles = ["vmm-core", "gpu-process", "display-process", "venus-server"];

    public static string SplitVmm => SourceTree.Path("out", "build", "bin", "splitvmm", BuildFolder, "splitvmm");

    private static string BuildFolder => Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));

    private static string StandIn => SourceTree.Path("out", "build", "bin", "SplitVmm.StandIn", BuildFolder, "SplitVmm.StandIn");

    /// <summary>Makes them in a folder.</summary>
    /// <returns>The variables by which splitvmm finds them.</returns>
    public static Dictionary<string, string> Write(string folder)
    {
        Array.ForEach(Roles, role => Write(folder, role));
        string driver = Path.Combine(folder, "standin_icd.json");
        File.WriteAllText(driver, "{}");
        return new Dictionary<string, string>
        {
            ["SPLITVMM_LIBEXEC"] = folder,
            ["RENDER_SERVER_EXEC_PATH"] = Path.Combine(folder, "venus-server"),
            ["VK_DRIVER_FILES"] = driver,
        };
    }

    private static void Write(string folder, string role)
    {
        string path = Path.Combine(folder, role);
        File.WriteAllText(path, $"""
            #!/bin/sh
            echo $$ >"{path}.pid"
            echo $$ >>"{path}.starts"
            export STANDIN_INSTANCE=$(wc -l <"{path}.starts")
            sh -c "ls -l /proc/$$/fd >'{path}.fds'"
            cut -d ' ' -f 5,6 /proc/$$/stat >"{path}.group"
            printf '%s\n' "$@" >"{path}.arguments"
            exec "{StandIn}" {role} "$@"

            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
