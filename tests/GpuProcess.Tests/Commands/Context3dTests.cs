using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Commands;

[Trait("Tier", Tiers.Unit)]
public sealed class Context3dTests : IDisposable
{
    private readonly RetiredFences _retired = new();
    private readonly FakeRenderer3d _renderer;
    private readonly InProcessGpu _gpu;
    private readonly GpuGuest _guest;

    public Context3dTests()
    {
        _renderer = new FakeRenderer3d(_retired);
        _gpu = new InProcessGpu(renderer: _renderer, retired: _retired);
        _guest = _gpu.Connect();
        _guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);
    }

    [Fact]
    public void Capsets_ByIndexAndId_AreThoseOfTheRenderer()
    {
        Assert.Equal(2u, _guest.ReadConfig().NumCapsets);
        VirtioGpuRespCapsetInfo first = Info(0);
        VirtioGpuRespCapsetInfo second = Info(1);
        Assert.Equal((VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL, 1u, 308u), (first.CapsetId, first.CapsetMaxVersion, first.CapsetMaxSize));
        Assert.Equal(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, second.CapsetId);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, InfoRequest(2));

        byte[] set = _guest.Send(CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, 2), 24 + 1384);
        Assert.Equal(VIRTIO_GPU_RESP_OK_CAPSET, MemoryMarshal.Read<VirtioGpuCtrlHdr>(set).Type);
        Assert.All(set[24..], value => Assert.Equal(2, value));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, 3));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS, 0));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL, 1));
    }

    [Fact]
    public void Contexts_WrongIds_AreInvalidContextId()
    {
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_CREATE, 0));
        _guest.Do(Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_DESTROY, 2));
        _guest.Create2d(5, 4, 4);
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 5, context: 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 5, context: 2));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 6, context: 1));
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, 5, context: 1));
        _guest.Do(Context(VIRTIO_GPU_CMD_CTX_DESTROY, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_DESTROY, 1));
    }

    [Fact]
    public void Submit_WrongSizes_AreRefusedBeforeTheRendererSeesThem()
    {
        _guest.Do(Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Submit(2, 4), new byte[4]);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Submit(1, 8), new byte[4]);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Submit(1, 3), new byte[4]);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Submit(1, uint.MaxValue & ~3u), new byte[4]);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, Submit(1, (16 << 20) + 4), new byte[(16 << 20) + 4]);
        Assert.Equal(0, _renderer.Submits);
        byte[] large = new byte[1 << 20];
        new Random(1).NextBytes(large);
        _guest.Do(Submit(1, (uint)large.Length), large);
        Assert.Equal(large, _renderer.LastStream);
        _guest.Do(Submit(1, 0));
        Assert.Equal(2, _renderer.Submits);
    }

    [Fact]
    public void Resources3d_WrongRequests_AnswerTheirErrors()
    {
        _guest.Do(Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _guest.Do(Create3d(7));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create3d(7));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create3d(0));
        foreach (VirtioGpuCtrlType type in (VirtioGpuCtrlType[])[VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D])
        {
            _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Transfer(type, 7, 1));
            _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Transfer(type, 8, 1));
            _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Transfer(type, 7, 2));
        }

        _ = _guest.AttachFresh(7, 4096);
        _guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, 7, 1));
        _guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, 7, 0));
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpu.Dispose();
        _retired.Dispose();
    }

    private static VirtioGpuCtxCreate Context(VirtioGpuCtrlType type, uint context) => new() { Hdr = { Type = type, CtxId = context } };

    private static VirtioGpuGetCapsetInfo InfoRequest(uint index) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET_INFO }, CapsetIndex = index };

    private static VirtioGpuGetCapset CapsetRequest(VirtioGpuCapsetId id, uint version) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET }, CapsetId = id, CapsetVersion = version };

    private static VirtioGpuCmdSubmit Submit(uint context, uint size) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = context }, Size = size };

    private static VirtioGpuResourceCreate3d Create3d(uint id) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_3D },
        ResourceId = id,
        Format = 1,
        Width = 16,
        Height = 16,
    };

    private static VirtioGpuTransferHost3d Transfer(VirtioGpuCtrlType type, uint id, uint context) =>
        new() { Hdr = { Type = type, CtxId = context }, ResourceId = id };

    private VirtioGpuRespCapsetInfo Info(uint index)
    {
        VirtioGpuRespCapsetInfo info = _guest.Ask<VirtioGpuGetCapsetInfo, VirtioGpuRespCapsetInfo>(InfoRequest(index));
        Assert.Equal(VIRTIO_GPU_RESP_OK_CAPSET_INFO, info.Hdr.Type);
        return info;
    }
}
