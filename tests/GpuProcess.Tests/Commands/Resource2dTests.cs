using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Commands;

[Trait("Tier", Tiers.Unit)]
public sealed class Resource2dTests : IDisposable
{
    private readonly InProcessGpu _gpu = new(new GpuOptions { MaxHostmem = 1 << 20 });
    private readonly GpuGuest _guest;

    public Resource2dTests()
    {
        _guest = _gpu.Connect();
        _guest.Start();
    }

    [Fact]
    public void Create2d_EveryFormat_Succeeds()
    {
        uint id = 1;
        foreach (VirtioGpuFormats format in Enum.GetValues<VirtioGpuFormats>().Where(format => format != VirtioGpuFormats.None))
        {
            _guest.Create2d(id++, 16, 16, format);
        }

        Assert.Equal(8, _gpu.Device.Statistics.Resources);
    }

    [Fact]
    public void Create2d_WrongRequests_AnswerTheirErrors()
    {
        _guest.Create2d(1, 16, 16);

        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create2dRequest(0, 16, 16));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create2dRequest(1, 16, 16));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Create2dRequest(2, 16, 16, (VirtioGpuFormats)5));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Create2dRequest(2, 0, 16));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Create2dRequest(2, 16, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Create2dRequest(2, uint.MaxValue, uint.MaxValue));
        Assert.Equal(1, _gpu.Device.Statistics.Resources);
    }

    [Fact]
    public void Create2d_BeyondMaxHostmem_IsOutOfMemoryUntilSomethingIsFreed()
    {
        _guest.Create2d(1, 512, 256);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, Create2dRequest(2, 512, 257));
        _guest.Create2d(2, 512, 256);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, Create2dRequest(3, 1, 1));
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 1));
        _guest.Create2d(3, 1, 1);
    }

    [Fact]
    public void Unref_UnknownOrTwice_IsInvalidResourceId()
    {
        _guest.Create2d(7, 4, 4);
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 7));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 7));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, 0));
    }

    [Fact]
    public void AttachBacking_WrongRequests_AnswerTheirErrors()
    {
        ulong page = _guest.Memory.Allocate(4096, 4096);
        _guest.Create2d(1, 16, 16);

        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, AttachRequest(9, 1), Entries((page, 4096)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, AttachRequest(1, 0));
        // Fewer entries than announced, an empty one, and addresses outside, across the end and past 2^64.
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 2), Entries((page, 4096)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 1), Entries((page, 0)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 1), Entries((0, 4096)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 1), Entries((_guest.Memory.End - 1, 2)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 1), Entries((ulong.MaxValue, uint.MaxValue)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, AttachRequest(1, 65_537), Entries((page, 4096)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, AttachRequest(1, -1), Entries((page, 4096)));
        _guest.Attach(1, (page, 4096));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, AttachRequest(1, 1), Entries((page, 4096)));
    }

    [Fact]
    public void DetachBacking_OnlyOnceAndOnlyWhenAttached()
    {
        _guest.Create2d(1, 16, 16);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Reference(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 1));
        _ = _guest.AttachFresh(1, 4096);
        _guest.Do(Reference(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Reference(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, 2));
        _ = _guest.AttachFresh(1, 4096);
    }

    [Fact]
    public void TransferToHost2d_WrongRequests_AnswerTheirErrors()
    {
        _guest.Create2d(1, 16, 16);
        var all = new VirtioGpuRect(0, 0, 16, 16);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, TransferRequest(2, all, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, TransferRequest(1, all, 0));
        _ = _guest.AttachFresh(1, 16 * 16 * 4);
        _guest.Do(TransferRequest(1, all, 0));
        _guest.Do(TransferRequest(1, default, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, new VirtioGpuRect(1, 0, 16, 16), 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, new VirtioGpuRect(0, 0, 16, 17), 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, new VirtioGpuRect(uint.MaxValue, 1, 2, 1), 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, new VirtioGpuRect(1, 1, uint.MaxValue, 1), 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, all, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, all, ulong.MaxValue));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, TransferRequest(1, new VirtioGpuRect(15, 15, 1, 1), 16 * 16 * 4));
    }

    [Fact]
    public void AssignUuid_Twice_IsTheSameAndOthersDiffer()
    {
        _guest.Create2d(1, 4, 4);
        _guest.Create2d(2, 4, 4);
        VirtioGpuRespResourceUuid first = Uuid(1);

        Assert.Equal(VIRTIO_GPU_RESP_OK_RESOURCE_UUID, first.Hdr.Type);
        Assert.Equal(Bytes(first), Bytes(Uuid(1)));
        Assert.NotEqual(Bytes(first), Bytes(Uuid(2)));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, 3));
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpu.Dispose();
    }

    private static byte[] Bytes(in VirtioGpuRespResourceUuid response) => ((ReadOnlySpan<byte>)response.Uuid).ToArray();

    private VirtioGpuRespResourceUuid Uuid(uint id) =>
        _guest.Ask<VirtioGpuResourceReference, VirtioGpuRespResourceUuid>(Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, id));
}
