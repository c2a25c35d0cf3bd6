using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.Tests.Pci;
using Xunit;

namespace SplitVmm.VmmCore.Tests.VirtioPci;

/// <summary>The register semantics of virtio 1.3 section 4.1.4.3.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class CommonConfigTests : IDisposable
{
    private readonly PciBench _bench = new();
    private readonly FakeVirtioDevice _device = new();
    private readonly VirtioDriver _driver;

    public CommonConfigTests() => _driver = new VirtioDriver(_bench, _bench.Topology.Add(_device));

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void DeviceFeatures_LeaveOutWhatTheTransportCannotKeep()
    {
        ulong offered = _driver.ReadDeviceFeatures();

        Assert.Equal(
            FakeVirtioDevice.DeviceFeature | VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX, offered);
        _driver.Set(0x00, 2, 4);
        Assert.Equal(0u, _driver.Get(0x04, 4));
    }

    [Fact]
    public void FeaturesOk_Subset_IsAccepted()
    {
        Assert.True(_driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1 | FakeVirtioDevice.DeviceFeature));
    }

    [Theory]
    [InlineData(VirtioFeatures.VIRTIO_F_VERSION_1 | (1UL << 9))]
    [InlineData(VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_RING_PACKED)]
    [InlineData(FakeVirtioDevice.DeviceFeature)]
    [InlineData(0UL)]
    public void FeaturesOk_NotOfferedOrLegacy_IsRefused(ulong features)
    {
        Assert.False(_driver.Negotiate(features));

        _driver.SetDriverOk();

        Assert.Equal(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER, _driver.Status);
        Assert.Null(_device.Active);
    }

    [Fact]
    public void DriverFeatures_AfterFeaturesOk_AreFixed()
    {
        _driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1);

        _driver.WriteDriverFeatures(0xFFFF_FFFF_FFFF_FFFF);
        _driver.SetDriverOk();

        Assert.Equal(VirtioFeatures.VIRTIO_F_VERSION_1, _device.AcceptedFeatures);
    }

    [Fact]
    public void Status_BitsAreOnlyAdded()
    {
        _driver.Status = VirtioStatus.ACKNOWLEDGE;
        _driver.Status = VirtioStatus.DRIVER;

        Assert.Equal(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER, _driver.Status);
        _driver.Status = VirtioStatus.DEVICE_NEEDS_RESET;
        Assert.Equal(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER, _driver.Status);
    }

    [Fact]
    public void DriverOk_PassesTheEnabledQueuesOn()
    {
        var layout = new SplitQueueLayout(32, 0x1_2345_6000, 0x2_0000_1000, 0x3_0000_2000);
        _driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1);
        _driver.SetQueue(1, layout);

        _driver.SetDriverOk();

        VmmCore.VirtioPci.ActiveQueue queue = Assert.Single(_device.Active!);
        Assert.Equal(1, queue.Index);
        Assert.Equal(layout, queue.Layout);
    }

    [Fact]
    public void QueueRegisters_ReadBackAndAreFixedOnceEnabled()
    {
        _driver.Set(0x16, 0, 2);
        Assert.Equal(256u, _driver.Get(0x18, 2));
        _driver.SetQueue(0, new SplitQueueLayout(128, 0xA_0000_1000, 0xB_0000_2000, 0xC_0000_3000));

        _driver.Set(0x18, 64, 2);
        _driver.Set(0x20, 0xDEAD_0000, 4);

        Assert.Equal(128u, _driver.Get(0x18, 2));
        Assert.Equal(0x0000_1000u, _driver.Get(0x20, 4));
        Assert.Equal(0xAu, _driver.Get(0x24, 4));
        Assert.Equal(1u, _driver.Get(0x1C, 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(257)]
    [InlineData(512)]
    [InlineData(0xFFFF)]
    public void QueueSize_Unsuitable_IsNotTaken(uint size)
    {
        _driver.Set(0x16, 0, 2);

        _driver.Set(0x18, size, 2);

        Assert.Equal(256u, _driver.Get(0x18, 2));
    }

    [Fact]
    public void QueueSelect_NoSuchQueue_ReadsZero()
    {
        _driver.Set(0x16, 2, 2);

        Assert.Equal(0u, _driver.Get(0x18, 2));
        Assert.Equal(0xFFFFu, _driver.Get(0x1A, 2));
        _driver.Set(0x1C, 1, 2);
        Assert.Equal(0u, _driver.Get(0x1C, 2));
    }

    [Fact]
    public void QueueEnable_AfterDriverOk_IsIgnored()
    {
        _driver.Start(queues: 1);

        _driver.SetQueue(1, new SplitQueueLayout(16, 0x1000, 0x2000, 0x3000));

        Assert.Equal(0u, _driver.Get(0x1C, 2));
        Assert.Single(_bench.Doorbells.Attached);
    }

    [Fact]
    public void Vectors_ReadBackOrNoVector()
    {
        _driver.Set(0x10, 2, 2);
        Assert.Equal(2u, _driver.Get(0x10, 2));
        _driver.Set(0x10, 3, 2);
        Assert.Equal(0xFFFFu, _driver.Get(0x10, 2));
        _driver.Set(0x16, 1, 2);
        _driver.Set(0x1A, 0, 2);
        Assert.Equal(0u, _driver.Get(0x1A, 2));
    }

    [Fact]
    public void Access_HalvesAndWholes_Agree()
    {
        _driver.Set(0x16, 0, 2);
        ulong at = _driver.Structure(1) + 0x20;

        _bench.Memory.Write(at, BitConverter.GetBytes(0x1122_3344_5566_7788UL));

        byte[] whole = new byte[8];
        _bench.Memory.Read(at, whole);
        Assert.Equal(0x1122_3344_5566_7788UL, BitConverter.ToUInt64(whole));
        Assert.Equal(0x5566_7788u, _driver.Get(0x20, 4));
        Assert.Equal(0x11_22u, _driver.Get(0x26, 2));
        Assert.Equal(0x66u, _driver.Get(0x22, 1));
    }
}
