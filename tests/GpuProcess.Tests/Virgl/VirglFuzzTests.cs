using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Fuzz;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>The same rubbish as for the fake renderer, for virglrenderer itself.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class VirglFuzzTests
{
    private const int Commands = 100_000;

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Control_RandomCommandsAndStreams_ProcessGoesOn(int seed)
    {
        using RuntimeGpu gpu = RuntimeGpu.Start(RuntimeGpu.Trixie, "max_outputs=4,max_hostmem=1M");
        using GpuGuest guest = gpu.Connect();
        guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        var fuzzer = new CommandFuzzer(seed, guest) { Streams = VirglStreamFuzzer.Make };
        for (int sent = 0; sent < Commands; sent += 16)
        {
            for (int i = 0; i < 16; i++)
            {
                fuzzer.OfferOne();
            }

            guest.Control.KickIfWanted();
            Assert.True(guest.Control.WaitUntilIdle(TimeSpan.FromSeconds(20)), $"seed {seed}, after {sent} commands: {gpu.Errors}");
            gpu.Display.Settle(0);
        }

        Assert.False(gpu.HasExited, gpu.Errors);
        guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
        guest.Create2d(1, 8, 8);
    }
}
