using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Fences;
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
    [InlineData("nonsense", null, "known are library, virgl and drm NODE")]
    [InlineData("", null, "known are library, virgl and drm NODE")]
    [InlineData("drm", null, "known are library, virgl and drm NODE")]
    public void Run_AskedForNothingThatItKnows_SaysSo(string what, string? node, string problem) =>
        Assert.Contains(problem, ProbeCommand.Run(what, node)[ProbeFact.Problem], StringComparison.Ordinal);

    /// <summary>What the table of docs/gpu.md and doctor says of this version is what a start says.</summary>
    [Theory]
    [InlineData("drm-amdgpu", ContextTypes.Drm)]
    [InlineData("drm-i915", ContextTypes.Drm)]
    [InlineData("drm-msm", ContextTypes.Drm)]
    [InlineData("drm-asahi", ContextTypes.Drm)]
    public void Table_WhatThisVersionLacks_IsRefusedByAStart(string id, ContextTypes type)
    {
        Assert.False(GuestContexts.All.Single(context => context.Id == id).InThisVersion);
        using var retired = new RetiredFences();

        VirglException refusal = Assert.Throws<VirglException>(() => VirglRenderer.Start(null, type, null, retired, _ => { }));

        // A library that is missing here is no reason that this version gives.
        Assert.Contains("this version", refusal.Message, StringComparison.Ordinal);
    }
}
