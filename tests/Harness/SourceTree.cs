namespace SplitVmm.Harness;

/// <summary>Where the files of this checkout are.</summary>
public static class SourceTree
{
    /// <summary>The folder that holds <c>SplitVmm.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path inside the checkout.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>
    /// A published executable: <c>vmm-core</c>, <c>gpu-process</c>, <c>display-process</c> or <c>splitvmm</c>,
    /// as <c>packaging/build</c> makes them.
    /// </summary>
    /// <exception cref="FileNotFoundException">It was not built; <c>run-tests</c> builds before it tests.</exception>
    public static string Executable(string name)
    {
        string path = Path("out", "dist", "bin", name);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is missing: run packaging/build first", path);
    }

    /// <summary>A fresh folder for a test's files under <c>out/tests/</c>, kept after the run for a person to look at.</summary>
    public static string OutputFolder(string name)
    {
        string path = Path("out", "tests", name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        return Directory.CreateDirectory(path).FullName;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "SplitVmm.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no SplitVmm.sln above {AppContext.BaseDirectory}");
    }
}
