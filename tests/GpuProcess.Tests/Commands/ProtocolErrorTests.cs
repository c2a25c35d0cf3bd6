using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.Virtio.Constants;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Commands;

[Trait("Tier", Tiers.Unit)]
public sealed class ProtocolErrorTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly InProcessGpu _gpu = new();
    private readonly GpuGuest _guest;

    public ProtocolErrorTests()
    {
        _guest = _gpu.Connect();
        _guest.Start();
    }

    [Fact]
    public void Send_UnknownAndUnofferedCommands_AnswerUnspec()
    {
        foreach (uint type in (uint[])[0, 0xFF, 0x10E, 0x10C, 0x10D, 0x200, 0x204, 0x207, 0x208, 0x209, 0x20A, 0x300, 0x1100, uint.MaxValue])
        {
            _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, new VirtioGpuCtxCreate { Hdr = { Type = (VirtioGpuCtrlType)type, CtxId = 1 } });
        }

        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, new VirtioGpuGetCapsetInfo { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET_INFO } });
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, new VirtioGpuGetCapset { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET } });
    }

    [Fact]
    public void Send_CommandsOfFeaturesNotAcknowledged_AnswerUnspec()
    {
        _guest.StopQueues();
        Assert.Equal(VhostUserResult.Done, _guest.FrontEnd.ResetDevice());
        _guest.StartWith(VirtioFeatures.VIRTIO_F_VERSION_1);

        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, new VirtioGpuGetEdid { Hdr = { Type = VIRTIO_GPU_CMD_GET_EDID } });
        _guest.Create2d(1, 4, 4);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_UNSPEC, Reference(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID, 1));
    }

    [Theory]
    [InlineData(VIRTIO_GPU_CMD_GET_EDID)]
    [InlineData(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D)]
    [InlineData(VIRTIO_GPU_CMD_RESOURCE_UNREF)]
    [InlineData(VIRTIO_GPU_CMD_SET_SCANOUT)]
    [InlineData(VIRTIO_GPU_CMD_RESOURCE_FLUSH)]
    [InlineData(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D)]
    [InlineData(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING)]
    [InlineData(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING)]
    [InlineData(VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID)]
    public void Send_TooShort_AnswersInvalidParameter(VirtioGpuCtrlType type) =>
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, new VirtioGpuCtrlHdr { Type = type });

    [Fact]
    public void Send_LessThanAHeader_AnswersUnspec()
    {
        byte[] response = _guest.Control.Wait(_guest.Control.Offer(new byte[23], 24), s_patience);

        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type);
    }

    [Fact]
    public void Send_NoRoomForTheResponse_IsUsedWithNothingWritten()
    {
        byte[] request = GpuGuest.Bytes(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_GET_DISPLAY_INFO }, default);

        Assert.Empty(_guest.Control.Wait(_guest.Control.Offer(request, 23), s_patience));
        Assert.Empty(_guest.Control.Wait(_guest.Control.Offer(request, 0), s_patience));
        byte[] short_ = _guest.Control.Wait(_guest.Control.Offer(request, 407), s_patience);
        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, MemoryMarshal.Read<VirtioGpuCtrlHdr>(short_).Type);
    }

    [Fact]
    public void Send_WithFenceFlag_ResponseRepeatsTheFence()
    {
        VirtioGpuCtrlHdr response = _guest.Send(new VirtioGpuResourceCreate2d
        {
            Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE, FenceId = 0x1234_5678_9ABC, CtxId = 3 },
        });

        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, response.Type);
        Assert.Equal(VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE, response.Flags);
        Assert.Equal(0x1234_5678_9ABCu, response.FenceId);
        Assert.Equal(3u, response.CtxId);
    }

    [Fact]
    public void Send_ManyAtOnce_OneKickAndAllAnsweredInOrder()
    {
        var pending = new List<Pending>();
        for (int i = 0; i < 100; i++)
        {
            byte[] request = GpuGuest.Bytes(Create2dRequest((uint)i + 1, 1, 1), default);
            pending.Add(_guest.Control.Offer(request, 24, kick: false));
        }

        _guest.Control.KickIfWanted();
        foreach (Pending item in pending)
        {
            byte[] response = _guest.Control.Wait(item, s_patience);
            Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type);
        }

        Assert.Equal(1, _guest.Control.Kicks);
        Assert.Equal(pending.Select(item => item.Head), _guest.Control.Order);
    }

    public void Dispose()
    {
        _guest.Dispose();
        _gpu.Dispose();
    }
}
