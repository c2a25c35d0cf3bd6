using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.Tests.Pci;
using SplitVmm.VmmCore.VirtioPci;
using Xunit;

namespace SplitVmm.VmmCore.Tests.VirtioPci;

/// <summary>Start, notifications, errors and reset (virtio 1.3 sections 2.1, 2.4 and 4.1.5).</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class LifecycleTests : IDisposable
{
    private const ulong Message = 0xFEE0_2000;

    private readonly PciBench _bench = new();
    private readonly FakeVirtioDevice _device = new();
    private readonly VirtioDriver _driver;

    public LifecycleTests() => _driver = new VirtioDriver(_bench, _bench.Topology.Add(_device));

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Kick_ActiveQueue_TakesTheDoorbell()
    {
        _driver.Start();

        Assert.Equal(2, _bench.Doorbells.Attached.Count);
        _driver.Kick(1);

        Assert.True(_device.Active![1].Kick.TryDrain(out _));
        Assert.False(_device.Active[0].Kick.TryDrain(out _));
    }

    [Fact]
    public void Kick_BeforeDriverOk_IsLost()
    {
        _driver.Kick(0);
        _driver.Start();

        Assert.False(_device.Active![0].Kick.TryDrain(out _));
    }

    [Fact]
    public void Doorbells_FollowTheBar()
    {
        _driver.Start();
        ulong before = _bench.Doorbells.Attached.Keys.Min();

        _bench.SetBarRegister(_driver.Device, 0, 0xC900_0000);
        Assert.Equal([0xC900_3000UL, 0xC900_3004UL], _bench.Doorbells.Attached.Keys.Order());
        Assert.NotEqual(before, _bench.Doorbells.Attached.Keys.Min());

        _bench.EnableMemory(_driver.Device, false);
        Assert.Empty(_bench.Doorbells.Attached);
        _bench.EnableMemory(_driver.Device);
        Assert.Equal(2, _bench.Doorbells.Attached.Count);
    }

    [Fact]
    public void Call_MappedQueue_BecomesItsMessage()
    {
        _driver.SetVector(1, Message, 0x41);
        _driver.EnableMsix(true);
        _driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1);
        _driver.SetQueue(0, new SplitQueueLayout(16, 0x1000, 0x2000, 0x3000), vector: 1);
        _driver.SetDriverOk();

        _ = _device.Active![0].Call.Signal();

        Assert.Equal([(Message, 0x41u)], _bench.Routes.TakeMessages());
    }

    [Fact]
    public void Call_WhileMasked_ShowsInThePendingBits()
    {
        _driver.SetVector(2, Message, 0x42, masked: true);
        _driver.EnableMsix(true);
        _driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1);
        _driver.SetQueue(0, new SplitQueueLayout(16, 0x1000, 0x2000, 0x3000), vector: 2);
        _driver.SetDriverOk();
        _ = _device.Active![0].Call.Signal();

        Assert.Equal(0b100u, _driver.PendingBits());
        _driver.MaskVector(2, false);

        Assert.Equal([(Message, 0x42u)], _bench.Routes.TakeMessages());
        Assert.Equal(0u, _driver.PendingBits());
    }

    [Fact]
    public void ConfigChanged_InterruptsAndMovesTheGeneration()
    {
        _driver.SetVector(0, Message, 0x40);
        _driver.EnableMsix(true);
        _driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1);
        _driver.Set(0x10, 0, 2);
        _driver.SetDriverOk();
        uint before = _driver.Get(0x15, 1);
        ReadDeviceConfig();
        Assert.Equal(before, _driver.Get(0x15, 1));

        _device.Config[0] = 0x99;
        _device.Transport!.ConfigChanged();

        Assert.Equal([(Message, 0x40u)], _bench.Routes.TakeMessages());
        Assert.Equal(0x99u, ReadDeviceConfig() & 0xFF);
        Assert.NotEqual(before, _driver.Get(0x15, 1));
    }

    [Fact]
    public void ConfigChanged_BeforeDriverOk_DoesNotInterrupt()
    {
        _driver.SetVector(0, Message, 0x40);
        _driver.EnableMsix(true);
        _driver.Set(0x10, 0, 2);

        _device.Transport!.ConfigChanged();

        Assert.Empty(_bench.Routes.TakeMessages());
    }

    [Fact]
    public void Isr_WithoutMsix_TellsAndClears()
    {
        _driver.Start();
        _ = _device.Active![1].Call.Signal();
        _device.Transport!.ConfigChanged();

        Assert.Equal(3u, _bench.Read(_driver.Structure(3), 1));
        Assert.Equal(0u, _bench.Read(_driver.Structure(3), 1));
    }

    [Fact]
    public void NeedsReset_TellsTheDriver()
    {
        _driver.SetVector(0, Message, 0x40);
        _driver.EnableMsix(true);
        _driver.Negotiate(VirtioFeatures.VIRTIO_F_VERSION_1);
        _driver.Set(0x10, 0, 2);
        _driver.SetDriverOk();

        _device.Transport!.NeedsReset();

        Assert.NotEqual(VirtioStatus.None, _driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        Assert.Single(_bench.Routes.TakeMessages());
        _driver.Status = VirtioStatus.None;
        Assert.Equal(VirtioStatus.None, _driver.Status);
    }

    [Fact]
    public void DriverOk_DeviceRefuses_NeedsReset()
    {
        _device.RefuseActivation = true;

        _driver.Start();

        Assert.NotEqual(VirtioStatus.None, _driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        Assert.Empty(_bench.Doorbells.Attached);
    }

    [Fact]
    public void Reset_ByTheDriver_GivesTheQueuesBack()
    {
        _driver.SetVector(1, Message, 0x41);
        _driver.EnableMsix(true);
        _driver.Start();
        _driver.Set(0x10, 1, 2);

        _driver.Status = VirtioStatus.None;

        Assert.Equal(1, _device.Deactivations);
        Assert.Equal(VirtioStatus.None, _driver.Status);
        Assert.Empty(_bench.Doorbells.Attached);
        Assert.Equal(0, _bench.Routes.AttachedCount);
        Assert.Equal(0xFFFFu, _driver.Get(0x10, 2));
        Assert.Equal(0u, _driver.Get(0x1C, 2));
        Assert.Equal(256u, _driver.Get(0x18, 2));
        _driver.Start();
        Assert.NotNull(_device.Active);
    }

    [Fact]
    public void Reset_OfTheMachine_StopsTheDevice()
    {
        _driver.EnableMsix(true);
        _driver.SetVector(0, Message, 0x40);
        _driver.Start();

        _bench.Topology.Reset();

        Assert.Null(_device.Active);
        Assert.Empty(_bench.Doorbells.Attached);
        Assert.Equal(0u, _bench.ReadConfig(_driver.Device, _driver.MsixCapability + 2, 2) & 0xC000);
    }

    [Fact]
    public void Dispose_StopsAndDisposesTheDevice()
    {
        _driver.Start();

        _bench.Topology.Dispose();

        Assert.True(_device.IsDisposed);
        Assert.Equal(1, _device.Deactivations);
        Assert.Empty(_bench.Doorbells.Attached);
    }

    [Fact]
    public void DeviceConfig_Write_ReachesTheDevice()
    {
        _bench.Write(_driver.Structure(4) + 4, 0xCAFE, 2);

        Assert.Equal([0xFE, 0xCA], _device.Config[4..6]);
        Assert.Equal(0xFFFF_FFFFu, _bench.Read(_driver.Structure(4) + 10));
    }

    private uint ReadDeviceConfig() => _bench.Read(_driver.Structure(4));
}
