using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Fuzz;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.GpuProcess.Tests.Virgl;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Recovery;

/// <summary>A guest that sends rubbish, and has its GPU process killed: what the next one replays is rubbish too.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class HostileRecoveryTests
{
    private const int Kills = 12;
    private const int CommandsBetween = 1500;

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Kill_OfAProcessFedWithRubbish_IsSurvivedByItsSuccessors(int seed)
    {
        const string Options = "max_outputs=4,max_hostmem=1M";
        using var journal = new JournalImage(2 << 20);
        int restored = 0;
        RuntimeGpu gpu = RuntimeGpu.StartWith(RuntimeGpu.Trixie, Options, journal.File);
        try
        {
            using GpuGuest guest = gpu.Connect(keepsInflight: true);
            guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
            var fuzzer = new CommandFuzzer(seed, guest) { Streams = VirglStreamFuzzer.Make };
            for (int kill = 0; kill < Kills; kill++)
            {
                for (int sent = 0; sent < CommandsBetween; sent += 16)
                {
                    for (int i = 0; i < 16; i++)
                    {
                        fuzzer.OfferOne();
                    }

                    guest.Control.KickIfWanted();
                    // The last ones are on their way when the process dies.
                    if (sent + 16 < CommandsBetween)
                    {
                        Assert.True(guest.Control.WaitUntilIdle(TimeSpan.FromSeconds(20)), $"seed {seed}, kill {kill}: {gpu.Errors}");
                        gpu.Display.Settle(0);
                    }
                }

                using RuntimeGpu former = gpu;
                former.Kill();
                restored += former.Errors.Contains("restored ", StringComparison.Ordinal) ? 1 : 0;
                TestContext.Current.TestOutputHelper?.WriteLine(
                    string.Join('\n', former.Errors.Split('\n').Where(line => !line.StartsWith("virglrenderer:", StringComparison.Ordinal))));
                gpu = RuntimeGpu.StartWith(RuntimeGpu.Trixie, Options, journal.File);
                gpu.Reconnect(guest);
                Assert.True(guest.Control.WaitUntilIdle(TimeSpan.FromSeconds(30)), $"seed {seed}, after kill {kill}: {gpu.Errors}");
                Assert.False(gpu.HasExited, gpu.Errors);
            }

            Assert.Equal(Kills - 1, restored);
            guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
            guest.Create2d(1, 8, 8);
        }
        finally
        {
            gpu.Dispose();
        }
    }
}
