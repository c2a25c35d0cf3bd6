using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests;

/// <summary>A folder of the programs in which gpu-process is another one, for the variable SPLITVMM_LIBEXEC.</summary>
internal sealed class ReplacedGpu : IDisposable
{
    /// <param name="program">What is started in the place of gpu-process. No cage knows it: use <c>--sandbox=off</c>.</param>
    public ReplacedGpu(string program)
    {
        foreach (string name in (string[])["vmm-core", "display-process"])
        {
            _ = File.CreateSymbolicLink(Path.Combine(Folder, name), SourceTree.Executable(name));
        }

        _ = File.CreateSymbolicLink(Path.Combine(Folder, "gpu-process"), program);
    }

    /// <summary>Private to the test; other files may be put there.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("splitvmm-gpu-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
