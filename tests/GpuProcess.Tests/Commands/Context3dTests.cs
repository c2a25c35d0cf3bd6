using System.Runtime.InteropServices;
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
    private readonly Gpu3d<FakeRenderer3d> _rig = new(retired => new FakeRenderer3d(retired));

    public Context3dTests() => _rig.Guest.Start(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL);

    [Fact]
    public void Capsets_ByIndexAndId_AreThoseOfTheRenderer()
    {
        Assert.Equal(2u, _rig.Guest.ReadConfig().NumCapsets);
        VirtioGpuRespCapsetInfo first = Info(0);
        VirtioGpuRespCapsetInfo second = Info(1);
        Assert.Equal((VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL, 1u, 308u), (first.CapsetId, first.CapsetMaxVersion, first.CapsetMaxSize));
        Assert.Equal(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, second.CapsetId);
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, InfoRequest(2));

        byte[] set = _rig.Guest.Send(CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, 2), 24 + 1384);
        Assert.Equal(VIRTIO_GPU_RESP_OK_CAPSET, MemoryMarshal.Read<VirtioGpuCtrlHdr>(set).Type);
        Assert.All(set[24..], value => Assert.Equal(2, value));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, 3));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS, 0));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, CapsetRequest(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL, 1));
    }

    [Fact]
    public void Contexts_WrongIds_AreInvalidContextId()
    {
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_CREATE, 0));
        _rig.Guest.Do(Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_DESTROY, 2));
        _rig.Guest.Create2d(5, 4, 4);
        _rig.Guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 5, context: 1));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 5, context: 2));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 6, context: 1));
        _rig.Guest.Do(Reference(VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, 5, context: 1));
        _rig.Guest.Do(Context(VIRTIO_GPU_CMD_CTX_DESTROY, 1));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Context(VIRTIO_GPU_CMD_CTX_DESTROY, 1));
    }

    [Fact]
    public void Submit_WrongSizes_AreRefusedBeforeTheRendererSeesThem()
    {
        _rig.Guest.Do(Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Submit(2, 4), new byte[4]);
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Submit(1, 8), new byte[4]);
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Submit(1, 3), new byte[4]);
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, Submit(1, uint.MaxValue & ~3u), new byte[4]);
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, Submit(1, (16 << 20) + 4), new byte[(16 << 20) + 4]);
        Assert.Equal(0, _rig.Renderer.Submits);
        byte[] large = new byte[1 << 20];
        new Random(1).NextBytes(large);
        _rig.Guest.Do(Submit(1, (uint)large.Length), large);
        Assert.Equal(large, _rig.Renderer.LastStream);
        _rig.Guest.Do(Submit(1, 0));
        Assert.Equal(2, _rig.Renderer.Submits);
    }

    [Fact]
    public void Resources3d_WrongRequests_AnswerTheirErrors()
    {
        _rig.Guest.Do(Context(VIRTIO_GPU_CMD_CTX_CREATE, 1));
        _rig.Guest.Do(Create3d(7));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create3d(7));
        _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Create3d(0));
        foreach (VirtioGpuCtrlType type in (VirtioGpuCtrlType[])[VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D])
        {
            _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Transfer(type, 7, 1));
            _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Transfer(type, 8, 1));
            _rig.Guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, Transfer(type, 7, 2));
        }

        _ = _rig.Guest.AttachFresh(7, 4096);
        _rig.Guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, 7, 1));
        _rig.Guest.Do(Transfer(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, 7, 0));
    }

    public void Dispose() => _rig.Dispose();

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
        VirtioGpuRespCapsetInfo info = _rig.Guest.Ask<VirtioGpuGetCapsetInfo, VirtioGpuRespCapsetInfo>(InfoRequest(index));
        Assert.Equal(VIRTIO_GPU_RESP_OK_CAPSET_INFO, info.Hdr.Type);
        return info;
    }
}
