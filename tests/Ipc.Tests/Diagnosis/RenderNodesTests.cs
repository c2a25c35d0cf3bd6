using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Ipc.Tests.Diagnosis;

[Trait("Tier", Tiers.Unit)]
public sealed class RenderNodesTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("render-nodes").FullName;

    [Fact]
    public void HasGpu_WithoutAnyNode_IsFalse()
    {
        Assert.False(RenderNodes.HasGpu(_folder));
        Assert.False(RenderNodes.HasGpu(Path.Combine(_folder, "missing")));
    }

    [Theory]
    [InlineData("amdgpu", true)]
    [InlineData("i915", true)]
    [InlineData("vgem", false)]
    [InlineData("virtio_gpu", false)]
    [InlineData(null, false)]
    public void HasGpu_OneNode_DependsOnItsDriver(string? driver, bool expected)
    {
        string device = Directory.CreateDirectory(Path.Combine(_folder, "renderD128", "device")).FullName;
        if (driver is not null)
        {
            string target = Directory.CreateDirectory(Path.Combine(_folder, "drivers", driver)).FullName;
            _ = File.CreateSymbolicLink(Path.Combine(device, "driver"), target);
        }

        Assert.Equal(expected, RenderNodes.HasGpu(_folder));
    }
}
