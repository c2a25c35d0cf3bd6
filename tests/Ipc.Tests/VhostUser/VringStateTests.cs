using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Ring states as a foreign front end drives them ("Ring states" of the specification).</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class VringStateTests : IDisposable
{
    private readonly EchoDevice _device = new();
    private readonly BackEndThread _backEnd;
    private readonly RawPeer _peer;
    private readonly DriverMemory _memory = new(1 << 20);
    private readonly DriverQueue _queue;
    private readonly EventFd _kick = EventFd.Create();

    public VringStateTests()
    {
        _backEnd = new BackEndThread(_device);
        _peer = new RawPeer(_backEnd.Connect());
        _queue = new DriverQueue(_memory, 16);
        _peer.Negotiate();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_FEATURES, VirtioFeatures.VIRTIO_F_VERSION_1 | (1UL << 30)));
        var region = new VhostUserMemoryRegion
        {
            GuestAddress = _memory.Base,
            Size = _memory.End - _memory.Base,
            UserAddress = _memory.Base,
        };
        Assert.Equal(
            0UL, _peer.Order(VhostUserRequest.ADD_MEM_REG, new VhostUserSingleMemoryRegion { Region = region }, _memory.File));
    }

    [Fact]
    public void Ring_WithoutKickDescriptor_IsPolled()
    {
        SetUp();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0x100UL));
        Enable(1);

        _ = _queue.Offer(DriverBuffer.Writable(_memory.Allocate(1), 1));

        Assert.True(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Ring_WithProtocolFeatures_StartsDisabled()
    {
        SetUp();
        _ = _queue.Offer(DriverBuffer.Writable(_memory.Allocate(1), 1));
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, _kick));
        _ = _kick.Signal();
        Assert.False(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromMilliseconds(50)));

        Enable(1);

        Assert.True(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Ring_InAnyOrderOfMessages_StartsWhenAllIsKnown()
    {
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, _kick));
        Enable(1);
        _ = _queue.Offer(DriverBuffer.Writable(_memory.Allocate(1), 1));
        Assert.DoesNotContain("started 0", _device.History());

        SetUp();

        Assert.Contains("started 0", _device.History());
        Assert.True(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void GetVringBase_ThenKickOnTheOldDescriptor_DoesNotWakeTheRing()
    {
        SetUp();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, _kick));
        Enable(1);
        _peer.Send(VhostUserRequest.GET_VRING_BASE, default(VhostVringState));
        Assert.Equal(0u, MemoryMarshal.Read<VhostVringState>(_peer.Receive().Payload).Num);

        _ = _queue.Offer(DriverBuffer.Writable(_memory.Allocate(1), 1));
        _ = _kick.Signal();

        Assert.False(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromMilliseconds(50)));
        Assert.Equal("stopped 0", _device.History()[^1]);
    }

    [Theory]
    [InlineData(VhostUserRequest.SET_VRING_NUM)]
    [InlineData(VhostUserRequest.SET_VRING_BASE)]
    public void SizeOrBase_OfAStartedRing_IsRefused(VhostUserRequest request)
    {
        SetUp();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, _kick));

        Assert.NotEqual(0UL, _peer.Order(request, new VhostVringState { Index = 0, Num = 8 }));
    }

    [Fact]
    public void Addresses_OfAStartedRing_MoveIt()
    {
        SetUp();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, _kick));
        Enable(1);
        var elsewhere = new DriverQueue(_memory, 16);

        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_ADDR, Addresses(elsewhere)));
        _ = elsewhere.Offer(DriverBuffer.Writable(_memory.Allocate(1), 1));
        _ = _kick.Signal();

        Assert.True(SpinWait.SpinUntil(() => elsewhere.UsedIndex == 1, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, _queue.UsedIndex);
    }

    [Fact]
    public void ResetOwner_DisablesTheRings()
    {
        SetUp();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, _kick));
        Enable(1);
        _peer.Send((uint)VhostUserRequest.RESET_OWNER, RawPeer.Version | RawPeer.NeedReply, []);
        Assert.Equal(0UL, MemoryMarshal.Read<ulong>(_peer.Receive().Payload));

        _ = _queue.Offer(DriverBuffer.Writable(_memory.Allocate(1), 1));
        _ = _kick.Signal();
        Assert.False(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromMilliseconds(50)));

        Enable(1);
        Assert.True(SpinWait.SpinUntil(() => _queue.UsedIndex == 1, TimeSpan.FromSeconds(10)));
    }

    public void Dispose()
    {
        _peer.Dispose();
        _backEnd.Dispose();
        _memory.Dispose();
        _kick.Dispose();
    }

    private void SetUp()
    {
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_NUM, new VhostVringState { Index = 0, Num = 16 }));
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_BASE, default(VhostVringState)));
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_ADDR, Addresses(_queue)));
    }

    // The front end of this test uses guest addresses as user addresses.
    private static VhostVringAddr Addresses(DriverQueue queue) => new()
    {
        Descriptor = queue.Layout.DescriptorTable,
        Available = queue.Layout.AvailableRing,
        Used = queue.Layout.UsedRing,
    };

    private void Enable(uint number) =>
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_ENABLE, new VhostVringState { Index = 0, Num = number }));
}
