using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Probing;
using SplitVmm.GpuProcess.Virgl;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Probing;

[Trait("Tier", Tiers.Unit)]
public sealed class ProbeTests
{
    [Theory]
    [InlineData("nonsense", null, "known are library and virgl")]
    [InlineData("", null, "known are library and virgl")]
    [InlineData("drm", null, "known are library and virgl")]
    public void Run_AskedForNothingThatItKnows_SaysSo(string what, string? node, string problem) =>
        Assert.Contains(problem, ProbeCommand.Run(what, node)[ProbeFact.Problem], StringComparison.Ordinal);

    /// <summary>The same of native contexts: the table says exactly which drivers there are.</summary>
    [Fact]
    public void Table_NativeContexts_AreThoseOfTheDrivers() => Assert.Equal(
        NativeDrivers.Create().Select(driver => driver.Name).Order(),
        GuestContexts.All.Where(context => context.HostDriver is not null && context.InThisVersion).Select(context => context.HostDriver!).Order());
}
