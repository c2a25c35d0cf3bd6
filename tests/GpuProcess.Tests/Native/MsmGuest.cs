using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Native.Msm;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Msm.MsmCcmd;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>What Freedreno does over virtio-gpu, in one line each.</summary>
internal static class MsmGuest
{
    public static (int Error, T Value) MsmSimple<T>(this NativeRig rig, uint context, uint number, T argument, bool answers = true)
        where T : unmanaged
    {
        byte[] answer = rig.Ask(
            context, MSM_CCMD_IOCTL_SIMPLE, new MsmCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument),
            8 + (answers ? Unsafe.SizeOf<T>() : 0));
        return (NativeRig.Read<MsmCcmdRsp>(answer).Ret, answers ? NativeRig.Read<T>(answer.AsSpan(8)) : argument);
    }

    public static uint CreateMsmQueue(this NativeRig rig, uint context, uint priority = 0)
    {
        (int error, DrmMsmSubmitqueue queue) = rig.MsmSimple(context, DRM_IOCTL_MSM_SUBMITQUEUE_NEW, new DrmMsmSubmitqueue { Prio = priority });
        Assert.Equal(0, error);
        return queue.Id;
    }

    public static MsmCcmdGemNewReq GemNew(uint id, ulong size) =>
        new() { Iova = SoftwareMsm.VaStart + ((ulong)id << 24), Size = size, Flags = 0x20000, BlobId = id };

    public static BlobResource CreateMsmObject(this NativeRig rig, uint context, uint id, ulong size)
    {
        rig.Do(context, MSM_CCMD_GEM_NEW, GemNew(id, size));
        Assert.Equal(VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA, rig.CreateBlob(context, id, id, size, NativeRig.Shared, out BlobResource? made));
        return made!;
    }

    public static MsmCcmdGemSubmitReq SubmitRequest(uint queue) =>
        new() { Flags = MSM_PIPE_3D0, QueueId = queue, NrBos = 1, NrCmds = 1, Fence = 1 };

    /// <summary>One object with one piece of commands in it.</summary>
    public static byte[] SubmitTail(uint resource) =>
    [
        .. VdrmStream.Bytes(new DrmMsmGemSubmitBo { Flags = 3, Handle = resource }),
        .. VdrmStream.Bytes(new DrmMsmGemSubmitCmd { Type = 1, Size = 64 }),
    ];
}
