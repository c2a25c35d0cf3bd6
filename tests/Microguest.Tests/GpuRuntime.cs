using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests;

/// <summary>A root file system with virglrenderer and Mesa; by default that with virglrenderer 1.1.</summary>
public sealed class GpuRuntime
{
    public GpuRuntime()
        : this("gpu-runtime-trixie")
    {
    }

    internal GpuRuntime(string image) => Root = Path.Combine(Needs.Image(image), "root");

    public string Root { get; }
}
