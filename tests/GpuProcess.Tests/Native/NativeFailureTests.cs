using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Tests.Native.Sessions;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.SoftwareDrm;
using Xunit;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>A session in which each ioctl fails once, for each driver.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeFailureTests
{
    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("i915")]
    [InlineData("amdgpu")]
    public void Session_NothingFails_NothingIsRefused(string driver)
    {
        using var rig = new NativeRig(NativeSeeds.Device(driver));
        rig.CreateContext(1);
        Run(rig, driver);
        Assert.Equal(0, rig.Renderer.Statistics.Refused);
        Assert.Empty(rig.Log);
    }

    [Theory]
    [InlineData("asahi")]
    [InlineData("msm")]
    [InlineData("i915")]
    [InlineData("amdgpu")]
    public void Session_AnyIoctlFails_IsAnErrorOfTheGuestsAndLeavesNothing(string driver)
    {
        var before = Holdings.OfThisProcess();
        int calls = Play(driver, int.MaxValue);
        Assert.True(calls > 15, $"{calls} calls");
        for (int failing = 1; failing <= calls; failing++)
        {
            _ = Play(driver, failing);
        }

        before.AssertNoMore();
    }

    /// <returns>How many ioctls there were after the start.</returns>
    private static int Play(string driver, int failing)
    {
        SoftwareDrmDevice device = NativeSeeds.Device(driver);
        using var rig = new NativeRig(device);
        rig.CreateContext(1);
        int calls = 0;
        device.Fails = _ => ++calls == failing ? EIO : 0;
        Run(rig, driver);
        rig.DestroyContext(1);
        int made = calls;
        device.Fails = null;
        // The next guest process finds nothing of it.
        rig.CreateContext(2);
        return made;
    }

    private static void Run(NativeRig rig, string driver)
    {
        const uint Blob = 7;
        // In the software devices the first object that a context makes has this number.
        foreach (byte[] command in NativeSeeds.Session(driver, 1, Blob))
        {
            _ = rig.Submit(1, command);
            if (rig.Resources.All(resource => resource.Id != Blob)
                && rig.CreateBlob(1, Blob, Blob, driver == "asahi" ? 1UL << 14 : 4096, NativeRig.Shared, out BlobResource? made)
                    == GpuProcess.Protocol.VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA
                && rig.Renderer.TryExport(made!, out Descriptor? file, out _, out _))
            {
                file.Dispose();
            }

            Assert.True(rig.Renderer.TryCreateContextFence(new FenceTimelineId(1, 1), 1));
            _ = rig.TakeFences();
        }
    }
}
