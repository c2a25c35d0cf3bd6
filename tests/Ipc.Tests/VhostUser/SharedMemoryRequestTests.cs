using SplitVmm.Harness;
using SplitVmm.Ipc.Tests.Wires;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>SHMEM_MAP and SHMEM_UNMAP from our back end to our front end.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SharedMemoryRequestTests : IVhostUserFrontEndEvents, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly BackEndThread _backEnd;
    private readonly VhostUserFrontEnd _frontEnd;
    private readonly List<VhostUserMMap> _maps = [];
    private readonly List<VhostUserMMap> _unmaps = [];
    private bool _refuses;

    public SharedMemoryRequestTests()
    {
        _backEnd = new BackEndThread(new EchoDevice { SharedMemory = 1 << 20 });
        _frontEnd = new VhostUserFrontEnd(_backEnd.Connect(), _loop, this, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void MapAndUnmap_ArriveWithTheirFileAndAnswer()
    {
        Negotiate(VhostUserProtocolFeatures.SHMEM);
        Assert.Equal(VhostUserResult.Done, _frontEnd.GetSharedMemory(out VhostUserShMemConfig config));
        Assert.Equal((1u, 1UL << 20), (config.NumRegions, config.Sizes[1]));

        Assert.True(Map());
        VhostUserMMap map = Assert.Single(_maps);
        Assert.Equal((1, 0x1000UL, 0x2000UL, 0x3000UL, 1UL), (map.ShmId, map.ShmOffset, map.Length, map.FdOffset, map.Flags));
        Assert.True(Ask(() => _backEnd.BackEnd.TryUnmap(1, 0x1000, 0x2000)));
        Assert.Equal(0x2000UL, Assert.Single(_unmaps).Length);

        _refuses = true;
        Assert.False(Map());
        _refuses = false;
        Assert.True(Map());
    }

    [Fact]
    public void Map_NotNegotiated_IsNotEvenSent()
    {
        Negotiate(VhostUserProtocolFeatures.None);

        Assert.False(Map());
        Assert.Empty(_maps);
        Assert.Equal(VhostUserResult.Refused, _frontEnd.GetSharedMemory(out _));
    }

    [Fact]
    public void Map_FrontEndGoes_IsRefusedAtOnce()
    {
        Negotiate(VhostUserProtocolFeatures.SHMEM);
        _frontEnd.Dispose();

        Assert.False(Map());
    }

    void IVhostUserFrontEndEvents.ConfigChanged()
    {
    }

    void IVhostUserFrontEndEvents.ConnectionLost(string reason)
    {
    }

    bool IVhostUserFrontEndEvents.MapSharedMemory(in VhostUserMMap range, Descriptor file)
    {
        _maps.Add(range);
        return !_refuses && MemFd.TryGetSize(file, out long size) && size == 4096;
    }

    bool IVhostUserFrontEndEvents.UnmapSharedMemory(in VhostUserMMap range)
    {
        _unmaps.Add(range);
        return true;
    }

    public void Dispose()
    {
        _frontEnd.Dispose();
        _backEnd.Dispose();
        _loop.Dispose();
    }

    private void Negotiate(VhostUserProtocolFeatures extra) => Assert.Equal(
        VhostUserResult.Done, _frontEnd.Negotiate(VhostUserFrontEnd.DefaultProtocolFeatures | extra));

    private bool Map()
    {
        using MemFd file = MemFd.Create("map", 4096, Seals.None);
        return Ask(() => _backEnd.BackEnd.TryMap(1, 0x1000, 0x2000, file, 0x3000));
    }

    /// <summary>Runs something on the back end's thread while this one answers.</summary>
    private bool Ask(Func<bool> request)
    {
        bool? answer = null;
        var asker = new Thread(() => _backEnd.Invoke(() => answer = request()));
        asker.Start();
        Assert.True(_loop.RunUntil(() => answer is not null));
        asker.Join();
        return answer!.Value;
    }
}
