namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Finds the files of libraries without loading them: that is gpu-process's business.</summary>
internal static class LibraryFiles
{
    private static readonly string[] s_folders =
        ["/usr/local/lib/x86_64-linux-gnu", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"];

    /// <param name="soname">For example <c>libvirglrenderer.so.1</c>.</param>
    /// <returns>The name of the file that the soname links to; null: none in the usual folders.</returns>
    public static string? Find(Evidence evidence, string soname)
    {
        foreach (string folder in s_folders)
        {
            string path = evidence.InGpuRoot($"{folder}/{soname}");
            if (evidence.Host.LinkTarget(path) is { } target)
            {
                return Path.GetFileName(target);
            }

            if (evidence.Host.Exists(path))
            {
                return soname;
            }
        }

        return null;
    }
}
