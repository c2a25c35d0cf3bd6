using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Blobs;

/// <summary>Blobs of a context of the renderer, with and without pages of the guest, and what is shared with other devices.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ContextBlobTests : IDisposable
{
    private const uint Context = 3;
    private const ulong Size = 8192;
    private const ulong Features =
        VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT | VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB;

    private readonly Gpu3d<FakeBlobRenderer> _rig = new(
        retired => new FakeBlobRenderer(retired), new GpuOptions { Blob = true, Hostmem = 1 << 20 });

    private readonly List<(ulong At, ulong Length)> _mapped = [];

    public ContextBlobTests()
    {
        _rig.Guest.OnMap = OnMap;
        Begin(GpuGuest.DefaultFeatures | Features);
    }

    [Fact]
    public void Create_OfTheHostAndTheGuest_GivesTheRendererBoth()
    {
        _rig.Guest.Do(Both(1) with { BlobId = 77 }, Pages(4096, 4096));

        (VirtioGpuResourceCreateBlob request, ulong bytes) = Assert.Single(_rig.Renderer.Blobs);
        Assert.Equal(
            (1u, VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST, Context, 77UL, Size, Size),
            (request.ResourceId, request.BlobMem, request.Hdr.CtxId, request.BlobId, request.Size, bytes));
    }

    [Fact]
    public void Create_WithPagesThatDoNotBelong_IsRefusedBeforeTheRenderer()
    {
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Both(1) with { NrEntries = 0 });
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Both(1), Pages(4096, 4095));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Host(1, Size, context: Context) with { NrEntries = 1 }, Pages(4096));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Both(1, context: 9), Pages(4096, 4096));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Both(1, context: 0), Pages(4096, 4096));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Both(1), Entries((1UL << 50, 4096), (1UL << 51, 4096)));

        Assert.Empty(_rig.Renderer.Blobs);
    }

    [Theory]
    [InlineData(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY)]
    [InlineData(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER)]
    public void Create_RendererFails_AnswersItsErrorAndTheIdIsFree(VirtioGpuCtrlType error)
    {
        _rig.Renderer.Outcome = error;
        for (int i = 0; i < 100; i++)
        {
            _rig.Guest.Fail(error, Both(1), Pages(4096, 4096));
        }

        _rig.Renderer.Outcome = VIRTIO_GPU_RESP_OK_NODATA;
        _rig.Guest.Do(Both(1), Pages(4096, 4096));
    }

    [Theory]
    [InlineData(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED)]
    [InlineData(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_UNCACHED)]
    [InlineData(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC)]
    public void Map_SaysTheRenderersCacheAttribute(VirtioGpuMapInfo cache)
    {
        _rig.Renderer.Cache = cache;
        _rig.Guest.Do(Both(1), Pages(4096, 4096));
        _rig.Guest.Do(BlobRequests.Host(2, 4096, context: Context));

        Assert.Equal((VIRTIO_GPU_RESP_OK_MAP_INFO, cache), Map(1, 0));
        Assert.Equal((VIRTIO_GPU_RESP_OK_MAP_INFO, cache), Map(2, Size));
        Assert.Equal([(0, Size), (Size, 4096)], _mapped);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Serve(Reference(VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB, 1)));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, Serve(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 2)));
        Assert.Empty(_mapped);
    }

    [Fact]
    public void Map_OfWhatIsNotExported_IsRefusedWithTheReason()
    {
        _rig.Renderer.KeepsMemory = "the driver keeps it";
        _rig.Guest.Do(Both(1), Pages(4096, 4096));

        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, Map(1, 0).Result);
        Assert.Contains("blob 1 cannot be mapped: the driver keeps it", _rig.Gpu.Log);
    }

    [Fact]
    public void AttachBacking_ToABlobOfTheHost_IsRefused()
    {
        ulong memory = _rig.Guest.Memory.Allocate((int)Size, 4096);
        _rig.Guest.Do(Both(1), Pages(4096, 4096));
        _rig.Guest.Do(BlobRequests.Host(2, Size, context: Context));
        // It has the pages that it was made with.
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 1), Entries((memory, (uint)Size)));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, AttachRequest(2, 1), Entries((memory, (uint)Size)));
    }

    [Fact]
    public void AssignUuid_OfBlobsOfEachKind_IsTheirsUntilTheyEnd()
    {
        const VirtioGpuBlobFlags Shared = BlobRequests.Mappable | VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE;
        _rig.Guest.Do(Both(1) with { BlobFlags = Shared }, Pages(4096, 4096));
        _rig.Guest.Do(BlobRequests.Host(2, Size, Shared, Context));
        _rig.Guest.Do(BlobRequests.Host(3, Size, Shared));
        _rig.Guest.Do(BlobRequests.Guest(4, 4096, 1) with { BlobFlags = Shared }, Pages(4096));
        Guid[] given = [.. Enumerable.Range(1, 4).Select(id => Uuid((uint)id))];

        Assert.Equal(4, given.Distinct().Count());
        Assert.Equal(given, Enumerable.Range(1, 4).Select(id => Uuid((uint)id)));
        _rig.Guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 4));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, 4));
        _rig.Guest.Do(BlobRequests.Guest(4, 4096, 1), Pages(4096));
        Assert.DoesNotContain(Uuid(4), given);
    }

    [Fact]
    public void Create_ForOtherDevicesWithoutUuids_IsRefused()
    {
        _rig.Guest.StopQueues();
        _ = _rig.Guest.FrontEnd.ResetDevice();
        Begin((GpuGuest.DefaultFeatures | Features) & ~VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_UUID);

        const VirtioGpuBlobFlags CrossDevice = VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE;
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Both(1) with { BlobFlags = CrossDevice }, Pages(4096, 4096));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, BlobRequests.Host(1, Size, CrossDevice));
        _rig.Guest.Do(Both(1), Pages(4096, 4096));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, 1));
    }

    public void Dispose() => _rig.Dispose();

    private static VirtioGpuResourceCreateBlob Both(uint id, uint context = Context) => BlobRequests.Host(id, Size, context: context) with
    {
        BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST,
        NrEntries = 2,
    };

    private void Begin(ulong features)
    {
        _rig.Guest.StartWith(features);
        _rig.Guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = Context } });
    }

    private byte[] Pages(params uint[] lengths) => Entries([.. lengths.Select(length => (_rig.Guest.Memory.Allocate(4096, 4096), length))]);

    private unsafe (VirtioGpuCtrlType Result, VirtioGpuMapInfo Cache) Map(uint id, ulong offset)
    {
        byte[] response = [.. _rig.Guest.SendServing(BlobRequests.Map(id, offset), sizeof(VirtioGpuRespMapInfo)), .. new byte[sizeof(VirtioGpuRespMapInfo)]];
        VirtioGpuRespMapInfo info = MemoryMarshal.Read<VirtioGpuRespMapInfo>(response);
        return (info.Hdr.Type, info.MapInfo);
    }

    private VirtioGpuCtrlType Serve(VirtioGpuResourceReference request) =>
        MemoryMarshal.Read<VirtioGpuCtrlHdr>(_rig.Guest.SendServing(request, 24)).Type;

    private Guid Uuid(uint id)
    {
        VirtioGpuRespResourceUuid response = _rig.Guest.Ask<VirtioGpuResourceReference, VirtioGpuRespResourceUuid>(
            Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, id));
        Assert.Equal(VIRTIO_GPU_RESP_OK_RESOURCE_UUID, response.Hdr.Type);
        return new Guid(response.Uuid, bigEndian: true);
    }

    private bool OnMap(VhostUserMMap range, Descriptor? file)
    {
        if (file is null)
        {
            return _mapped.Remove((range.ShmOffset, range.Length));
        }

        _mapped.Add((range.ShmOffset, range.Length));
        return MemFd.TryGetSize(file, out long size) && (ulong)size == range.Length;
    }
}
