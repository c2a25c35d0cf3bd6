using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Blobs;

/// <summary>Blobs in the host-visible window, which here is the test's.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class MapBlobTests : IDisposable
{
    private const ulong Window = 16 << 20;

    private readonly InProcessGpu _gpu = new(new GpuOptions { Virgl = false, Blob = true, Hostmem = Window });
    private readonly GpuGuest _guest;
    private readonly Dictionary<ulong, ulong> _mapped = [];
    private SharedMapping? _last;

    public MapBlobTests()
    {
        _guest = _gpu.Connect();
        _guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB);
        _guest.OnMap = OnMap;
    }

    [Fact]
    public void GetSharedMemory_SaysTheWindow()
    {
        Assert.Equal(VhostUserResult.Done, _guest.FrontEnd.GetSharedMemory(out VhostUserShMemConfig config));
        Assert.Equal((1u, Window), (config.NumRegions, config.Sizes[1]));
        Assert.Equal(0UL, config.Sizes[0]);
        Assert.Equal(0UL, config.Sizes[255]);
    }

    [Fact]
    public unsafe void Map_BlobOfTheHost_IsTheMemoryThatIsShown()
    {
        _guest.Do(BlobRequests.Host(1, 10_000));
        VirtioGpuRespMapInfo info = Map(1, 0x10000);
        Assert.Equal((VIRTIO_GPU_RESP_OK_MAP_INFO, VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED), (info.Hdr.Type, info.MapInfo));
        Assert.Equal(new KeyValuePair<ulong, ulong>(0x10000, 12288), Assert.Single(_mapped));

        using TestDisplay display = _gpu.ConnectDisplay();
        ((uint*)_last!.Pointer)[0] = 0xFF12_3456;
        _guest.Do(BlobRequests.Scanout(1, 40, 40));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 40, 40)));
        Assert.True(display.RunUntil(() => display.Pictures[0]?[0, 0] == 0xFF12_3456));

        Unmap(1, VIRTIO_GPU_RESP_OK_NODATA);
        Assert.Empty(_mapped);
    }

    [Fact]
    public void Map_WrongRequests_AnswerTheirErrors()
    {
        _guest.Do(BlobRequests.Host(1, 8192));
        _guest.Do(BlobRequests.Host(2, 8192, VirtioGpuBlobFlags.None));
        _guest.Create2d(3, 4, 4);
        ulong memory = _guest.Memory.Allocate(4096, 4096);
        _guest.Do(BlobRequests.Guest(4, 4096, 1) with { BlobFlags = BlobRequests.Mappable }, Entries((memory, 4096)));
        _guest.Do(BlobRequests.Host(5, Window + 1));

        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, 9, 0);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 1, 1);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 1, Window);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 1, Window - 4096);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 1, ulong.MaxValue & ~4095UL);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 2, 0);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 3, 0);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 4, 0);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 5, 0);
        Unmap(1, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
        Unmap(3, VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER);
        Unmap(9, VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID);
        Assert.Empty(_mapped);

        // Twice, and over another: the second is the front end's to refuse.
        Assert.Equal(VIRTIO_GPU_RESP_OK_MAP_INFO, Map(1, 4096).Hdr.Type);
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 1, 1 << 20);
        _guest.Do(BlobRequests.Host(6, 4096));
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 6, 8192);
        Assert.Equal(VIRTIO_GPU_RESP_OK_MAP_INFO, Map(6, 0).Hdr.Type);
        Assert.Equal(2, _mapped.Count);
    }

    [Fact]
    public void Unref_WhileMapped_UnmapsFirst()
    {
        _guest.Do(BlobRequests.Host(1, 8192));
        _ = Map(1, 0);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Type(_guest.SendServing(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1), 24)));
        Assert.Empty(_mapped);
    }

    [Fact]
    public void Map_FrontEndRefuses_CanBeTriedAgain()
    {
        _guest.Do(BlobRequests.Host(1, 8192));
        _guest.OnMap = null;
        AssertMapFails(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, 1, 0);
        _guest.OnMap = OnMap;
        Assert.Equal(VIRTIO_GPU_RESP_OK_MAP_INFO, Map(1, 0).Hdr.Type);
    }

    [Fact]
    public void Reset_WhileMapped_ForgetsWithoutAWord()
    {
        _guest.Do(BlobRequests.Host(1, 8192));
        _ = Map(1, 0);
        _guest.Reboot(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB);

        // The front end has taken the mapping away by itself.
        Assert.Single(_mapped);
        _mapped.Clear();
        _guest.Do(BlobRequests.Host(1, 8192));
        Assert.Equal(VIRTIO_GPU_RESP_OK_MAP_INFO, Map(1, 0).Hdr.Type);
    }

    public void Dispose()
    {
        _last?.Dispose();
        _guest.Dispose();
        _gpu.Dispose();
    }

    private static VirtioGpuCtrlType Type(byte[] response) => MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type;

    private unsafe VirtioGpuRespMapInfo Map(uint id, ulong offset) => MemoryMarshal.Read<VirtioGpuRespMapInfo>(
        _guest.SendServing(BlobRequests.Map(id, offset), sizeof(VirtioGpuRespMapInfo)).Concat(new byte[32]).ToArray());

    private void AssertMapFails(VirtioGpuCtrlType error, uint id, ulong offset) => Assert.Equal(error, Map(id, offset).Hdr.Type);

    private void Unmap(uint id, VirtioGpuCtrlType result) =>
        Assert.Equal(result, Type(_guest.SendServing(Reference(VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, id), 24)));

    private bool OnMap(VhostUserMMap range, Descriptor? file)
    {
        Assert.Equal(1, range.ShmId);
        if (file is null)
        {
            return _mapped.Remove(range.ShmOffset, out ulong length) && length == range.Length;
        }

        Assert.Equal((0UL, 1UL), (range.FdOffset, range.Flags));
        if (_mapped.Any(other => range.ShmOffset < other.Key + other.Value && other.Key < range.ShmOffset + range.Length))
        {
            return false;
        }

        Assert.True(MemFd.TryGetSeals(file, out Seals seals) && seals.HasFlag(Seals.F_SEAL_SHRINK));
        _last?.Dispose();
        _last = SharedMapping.Create(file, 0, (nuint)range.Length);
        _mapped.Add(range.ShmOffset, range.Length);
        return true;
    }
}
