using SplitVmm.GpuProcess.Blobs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>
/// The budget of commands of native contexts: no managed memory. Not of those that make something that stays: objects, queues,
/// submissions (a sync file is a descriptor), uploads (a mapping).
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeAllocationTests
{
    private const int Rounds = 200;
    private const uint Blob = 7;

    [Theory]
    // Nothing, parameters, the time, a binding.
    [InlineData("asahi", new[] { 0, 1, 4, 6 })]
    // Nothing, a parameter, whether the object is idle, whether a fence is complete, faults.
    [InlineData("msm", new[] { 0, 1, 7, 8, 9 })]
    // Queries, a place, what the object is, clocks, whether a submission is complete.
    [InlineData("amdgpu", new[] { 0, 1, 4, 7, 9, 11 })]
    // A parameter, a query, parameters of a context, the mode of a mapping, tiling, domains, whether the object is busy, resets, a register.
    [InlineData("i915", new[] { 0, 1, 5, 8, 9, 10, 12, 13, 14 })]
    public void Commands_ThatMakeNothing_AllocateNothing(string driver, int[] commands)
    {
        using var rig = new NativeRig(NativeSeeds.Device(driver));
        rig.CreateContext(1);
        byte[][] session = NativeSeeds.Session(driver, 1, Blob);
        foreach (byte[] command in session[..^2])
        {
            _ = rig.Submit(1, command);
            _ = rig.CreateBlob(1, Blob, Blob, driver == "asahi" ? 1UL << 14 : 4096, NativeRig.Shared, out BlobResource? _);
        }

        _ = rig.TakeFences();
        long refused = rig.Renderer.Statistics.Refused;
        foreach (int command in commands)
        {
            Repeat(rig, session[command]);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(rig, session[command]);
            Assert.True(before == GC.GetAllocatedBytesForCurrentThread(), $"command {command} of the session allocates");
        }

        Assert.Equal(refused, rig.Renderer.Statistics.Refused);
    }

    private static void Repeat(NativeRig rig, byte[] stream)
    {
        for (int i = 0; i < Rounds; i++)
        {
            _ = rig.Submit(1, stream);
        }
    }
}
