using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.BackEnd;
using Xunit;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Fuzz;

/// <summary>Guests that send rubbish: the device answers everything and goes on.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class CommandFuzzTests
{
    private const int Commands = 100_000;

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, true, true)]
    public void Control_RandomCommands_AllAnsweredAndTheDeviceStillWorks(int seed, bool with3d, bool withBlobs)
    {
        using var retired = new RetiredFences();
        using var gpu = new InProcessGpu(
            new GpuOptions { MaxOutputs = 4, MaxHostmem = 1 << 20, Blob = withBlobs, Hostmem = withBlobs ? 1UL << 20 : 0 },
            with3d ? new FakeRenderer3d(retired) { RetiresAtOnce = true, KeepsStreams = false } : null,
            with3d ? retired : null);
        using GpuGuest guest = gpu.Connect();
        gpu.Invoke(() => gpu.Device.Window.Mapper = new RandomMapper(seed));
        guest.Start(
            (with3d ? VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL : 0)
            | (withBlobs ? VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT : 0));
        using TestDisplay display = gpu.ConnectDisplay();
        var fuzzer = new CommandFuzzer(seed, guest);
        for (int sent = 0; sent < Commands; sent += 16)
        {
            for (int i = 0; i < 16; i++)
            {
                fuzzer.OfferOne();
            }

            guest.Control.KickIfWanted();
            Assert.True(guest.Control.WaitUntilIdle(TimeSpan.FromSeconds(30)), $"seed {seed}, after {sent}: {gpu.Failure}");
            display.Settle(0);
        }

        Assert.Null(gpu.Failure);
        Assert.False(display.IsClosed, display.Violation?.ToString());
        guest.Reboot();
        guest.Create2d(1, 8, 8);
        guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(0, 0, 8, 8)));
        guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 8, 8)));
    }

    /// <summary>A front end that does as it likes.</summary>
    private sealed class RandomMapper(int seed) : ISharedMemoryMapper
    {
        private readonly Random _random = new(seed);

        public bool TryMap(byte id, ulong offset, ulong length, Descriptor file, ulong fileOffset) => _random.Next(4) != 0;

        public bool TryUnmap(byte id, ulong offset, ulong length) => _random.Next(4) != 0;
    }
}
