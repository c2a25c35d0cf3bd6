using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests;

/// <summary>A Debian root with virglrenderer and Mesa for gpu-process, whatever this machine has installed.</summary>
public sealed class GpuRuntime
{
    /// <summary>The runtime of Debian 13.</summary>
    public GpuRuntime()
        : this(Path.Combine(Needs.Image("gpu-runtime-trixie"), "root"))
    {
    }

    internal GpuRuntime(string root) => Root = root;

    public string Root { get; }
}
