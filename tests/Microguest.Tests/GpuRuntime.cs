using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests;

/// <summary>A Debian root with virglrenderer and Mesa for gpu-process, whatever this machine has installed.</summary>
public sealed class GpuRuntime
{
    public string Root { get; } = Path.Combine(Needs.Image("gpu-runtime-trixie"), "root");
}
