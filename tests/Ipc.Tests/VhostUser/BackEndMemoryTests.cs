using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Memory tables, right and wrong, as a foreign front end sends them.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class BackEndMemoryTests : IDisposable
{
    private const int Page = 4096;
    private const ulong User = 0x7F00_0000_0000;

    private readonly EchoDevice _device = new();
    private readonly BackEndThread _backEnd;
    private readonly RawPeer _peer;
    private readonly MemFd _file = MemFd.Create("table", 4 * Page, Seals.None);

    public BackEndMemoryTests()
    {
        _backEnd = new BackEndThread(_device);
        _peer = new RawPeer(_backEnd.Connect());
        _peer.Negotiate();
    }

    [Fact]
    public void SetMemTable_EightRegions_IsTaken()
    {
        var regions = new VhostUserMemoryRegion[8];
        for (int i = 0; i < 8; i++)
        {
            ulong offset = (ulong)i * Page / 2;
            regions[i] = Region(0x10_0000 * (ulong)(i + 1), Page / 2, User + (0x10_0000 * (ulong)i), offset);
        }

        Assert.Equal(0UL, SetTable(regions));

        Assert.Equal("memory 8", _device.History()[^1]);
    }

    [Fact]
    public void SetMemTable_NoRegions_IsTaken()
    {
        Assert.Equal(0UL, SetTable());

        Assert.Equal("memory 0", _device.History()[^1]);
    }

    // A size of zero, a range over the end of the file, one that wraps, two that overlap in the guest or by user address.
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, (4 * Page) + 1, 0)]
    [InlineData(0, 2 * Page, 3 * Page)]
    [InlineData(0, Page, 5 * Page)]
    [InlineData(0, ulong.MaxValue, 0)]
    [InlineData(0, Page, ulong.MaxValue)]
    [InlineData(0, ulong.MaxValue, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 100, Page, 0)]
    public void SetMemTable_OneWrongRegion_IsRefusedAndTheOldTableStays(ulong address, ulong size, ulong offset)
    {
        VhostUserMemoryRegion good = Region(0x100_0000, Page, User, 0);
        Assert.Equal(0UL, SetTable(good));

        Assert.NotEqual(0UL, SetTable(good, Region(address, size, User + 0x10_0000, offset)));

        Assert.Equal("memory 1", _device.History()[^1]);
    }

    [Theory]
    [InlineData(0x1000, User + 0x10_0000)]
    [InlineData(0x1FFF, User + 0x10_0000)]
    [InlineData(0x8000, User)]
    [InlineData(0x8000, User + Page - 1)]
    public void AddMemReg_Overlap_IsRefused(ulong address, ulong user)
    {
        Assert.Equal(0UL, Add(Region(0x1000, Page, User, 0)));

        Assert.NotEqual(0UL, Add(Region(address, Page, user, 0)));
    }

    [Fact]
    public void RemMemReg_UnknownRegion_IsRefused()
    {
        Assert.Equal(0UL, Add(Region(0x1000, Page, User, 0)));

        Assert.NotEqual(0UL, Remove(Region(0x1000, Page * 2, User, 0)));
        Assert.NotEqual(0UL, Remove(Region(0x1000, Page, User + 1, 0)));
        Assert.Equal(0UL, Remove(Region(0x1000, Page, User, 99)));

        Assert.Equal("memory 0", _device.History()[^1]);
    }

    [Fact]
    public void GetMaxMemSlots_IsMoreThanOneTableHolds()
    {
        _peer.Send(VhostUserRequest.GET_MAX_MEM_SLOTS, []);

        Assert.True(MemoryMarshal.Read<ulong>(_peer.Receive().Payload) > 8);
    }

    [Fact]
    public void AddMemReg_MoreThanThereAreSlots_IsRefused()
    {
        _peer.Send(VhostUserRequest.GET_MAX_MEM_SLOTS, []);
        ulong slots = MemoryMarshal.Read<ulong>(_peer.Receive().Payload);
        for (ulong i = 0; i < slots; i++)
        {
            Assert.Equal(0UL, Add(Region(i * Page, Page, User + (i * Page), 0)));
        }

        Assert.NotEqual(0UL, Add(Region(slots * Page, Page, User + (slots * Page), 0)));
    }

    [Fact]
    public void AddMemReg_DescriptorOfAnotherKind_IsRefused()
    {
        using EventFd line = EventFd.Create();
        var region = new VhostUserSingleMemoryRegion { Region = Region(0x1000, Page, User, 0) };

        Assert.NotEqual(0UL, _peer.Order(VhostUserRequest.ADD_MEM_REG, region, line));
        Assert.NotEqual(0UL, _peer.Order(VhostUserRequest.ADD_MEM_REG, region, _peer.Socket));
    }

    [Fact]
    public void SetMemTable_FewerDescriptorsThanRegions_EndsTheConnection()
    {
        _peer.Send(VhostUserRequest.SET_MEM_TABLE, Table(Region(0, Page, User, 0), Region(0x8000, Page, User + 0x8000, 0)), _file);

        Assert.True(_peer.IsClosedByPeer());
        Assert.Equal("SET_MEM_TABLE: 1 descriptors for 2 regions", _backEnd.WaitForDisconnection());
    }

    [Fact]
    public void SetMemTable_FewerBytesThanRegions_EndsTheConnection()
    {
        _peer.Send(VhostUserRequest.SET_MEM_TABLE, Table(Region(0, Page, User, 0)).AsSpan(0, 20), _file);

        Assert.True(_peer.IsClosedByPeer());
        Assert.Equal("SET_MEM_TABLE: 12 bytes of regions instead of 32", _backEnd.WaitForDisconnection());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(User - 16)]
    [InlineData(User + (4 * Page))]
    [InlineData(User + (4 * Page) - 16)]
    [InlineData(User + 8)]
    public void SetVringAddr_RingOutsideTheTableOrMisaligned_IsRefusedAtTheLatestByTheKick(ulong ring)
    {
        Assert.Equal(0UL, Add(Region(0x1000, 4 * Page, User, 0)));
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_NUM, new VhostVringState { Index = 0, Num = 16 }));
        var addresses = new VhostVringAddr { Index = 0, Descriptor = ring, Available = User, Used = User };
        using EventFd kick = EventFd.Create();

        bool refused = _peer.Order(VhostUserRequest.SET_VRING_ADDR, addresses) != 0
            || _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, kick) != 0;

        Assert.True(refused);
        Assert.DoesNotContain("started 0", _device.History());
    }

    [Fact]
    public void RemMemReg_UnderAStartedRing_BreaksTheRingOnly()
    {
        Assert.Equal(0UL, Add(Region(0x1000, 4 * Page, User, 0)));
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_NUM, new VhostVringState { Index = 0, Num = 16 }));
        var addresses = new VhostVringAddr { Descriptor = User, Available = User + Page, Used = User + (2 * Page) };
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_ADDR, addresses));
        using EventFd kick = EventFd.Create();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, kick));
        Assert.Contains("started 0", _device.History());

        Assert.NotEqual(0UL, Remove(Region(0x1000, 4 * Page, User, 0)));

        _ = kick.Signal();
        Assert.Equal(0UL, _peer.Order(VhostUserRequest.SET_VRING_ENABLE, new VhostVringState { Index = 0, Num = 1 }));
    }

    public void Dispose()
    {
        _peer.Dispose();
        _backEnd.Dispose();
        _file.Dispose();
    }

    private static VhostUserMemoryRegion Region(ulong address, ulong size, ulong user, ulong offset) =>
        new() { GuestAddress = address, Size = size, UserAddress = user, MmapOffset = offset };

    private static byte[] Table(params VhostUserMemoryRegion[] regions)
    {
        byte[] table = new byte[8 + (32 * regions.Length)];
        MemoryMarshal.Write(table, new VhostUserMemoryHeader { NumRegions = (uint)regions.Length });
        MemoryMarshal.AsBytes(regions.AsSpan()).CopyTo(table.AsSpan(8));
        return table;
    }

    private ulong SetTable(params VhostUserMemoryRegion[] regions)
    {
        Descriptor[] files = new Descriptor[regions.Length];
        Array.Fill(files, _file);
        _peer.Send((uint)VhostUserRequest.SET_MEM_TABLE, RawPeer.Version | RawPeer.NeedReply, Table(regions), files);
        return MemoryMarshal.Read<ulong>(_peer.Receive().Payload);
    }

    private ulong Add(VhostUserMemoryRegion region) =>
        _peer.Order(VhostUserRequest.ADD_MEM_REG, new VhostUserSingleMemoryRegion { Region = region }, _file);

    private ulong Remove(VhostUserMemoryRegion region) =>
        _peer.Order(VhostUserRequest.REM_MEM_REG, new VhostUserSingleMemoryRegion { Region = region });
}
