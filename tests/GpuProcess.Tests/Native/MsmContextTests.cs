using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Msm;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Memory;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Msm.MsmCcmd;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>The native context for Qualcomm's GPUs, on a device of software that takes nothing unchecked.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class MsmContextTests : IDisposable
{
    private const uint Context = 1;

    private readonly NativeRig _rig = new(SoftwareMsm.CreateDevice(), new NativeLimits { MaxQueues = 2, MaxObjects = 4, MaxBytes = 1 << 20 });
    private readonly uint _queue;
    private readonly BlobResource _object;

    public MsmContextTests()
    {
        _rig.CreateContext(Context);
        _queue = _rig.CreateMsmQueue(Context, 1);
        _object = _rig.CreateMsmObject(Context, 7, 8192);
    }

    [Fact]
    public void Capset_SaysWhatTheKernelSays()
    {
        byte[] bytes = new byte[_rig.Renderer.Capsets[0].MaxSize];
        _rig.Renderer.FillCapset(_rig.Renderer.Capsets[0], 0, bytes);
        DrmCapset set = MemoryMarshal.Read<DrmCapset>(bytes);
        MsmCapset msm = MemoryMarshal.Read<MsmCapset>(bytes.AsSpan(24));
        Assert.Equal((112, 2u, 12u, DrmCapset.VIRTGPU_DRM_CONTEXT_MSM), (bytes.Length, set.WireFormatVersion, set.VersionMinor, set.ContextType));
        Assert.Equal((3u, SoftwareMsm.VaStart, SoftwareMsm.VaSize, 630u), (msm.Priorities, msm.VaStart, msm.VaSize, msm.GpuId));
        Assert.Equal((1u, 1u, uint.MaxValue), (msm.HasCachedCoherent, msm.HasPreemption, msm.HasRaytracing));
    }

    [Fact]
    public void Start_KernelTooOld_SaysSo()
    {
        using var loop = new EventLoop();
        using var retired = new RetiredFences();
        NativeException refusal = Assert.Throws<NativeException>(
            () => NativeRenderer.Start(SoftwareMsm.CreateDevice(minor: 8), loop, retired, new NativeLimits(), new GuestLog(_ => { })));
        Assert.Contains("needs Linux 6.0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_UploadSubmitWaitQuery_IsCarriedOut()
    {
        _rig.Device.Completion = Completion.ByHand;
        _rig.Do(Context, MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = 7, Off = 4, Len = 3 }, [1, 2, 3, 4]);
        Assert.True(_rig.Renderer.TryExport(_object, out Descriptor? file, out _, out _));
        using (file)
        using (SharedMapping mapping = SharedMapping.Create(file, 0, 8192))
        {
            Assert.Equal([0, 0, 0, 0, 1, 2, 3, 0], mapping.Slice(0, 8).ToArray());
        }

        _rig.Do(Context, MSM_CCMD_GEM_SET_NAME, new MsmCcmdGemSetNameReq { ResId = 7, Len = 4 }, "name"u8);
        _rig.Do(Context, MSM_CCMD_GEM_SUBMIT, MsmGuest.SubmitRequest(_queue), MsmGuest.SubmitTail(7));
        Assert.Equal(-EBUSY, Ret(MSM_CCMD_GEM_CPU_PREP, new MsmCcmdGemCpuPrepReq { ResId = 7, Op = MSM_PREP_READ }));
        Assert.Equal(-ETIMEDOUT, Ret(MSM_CCMD_WAIT_FENCE, new MsmCcmdWaitFenceReq { QueueId = _queue, Fence = 1 }));
        Assert.True(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, 2), 10));
        Assert.Empty(_rig.TakeFences());
        _rig.Device.Complete(0);
        Assert.Equal(new RetiredFence(new FenceTimelineId(Context, 2), 10), Assert.Single(_rig.TakeFences()));
        Assert.Equal(0, Ret(MSM_CCMD_GEM_CPU_PREP, new MsmCcmdGemCpuPrepReq { ResId = 7, Op = MSM_PREP_READ }));
        Assert.Equal(0, Ret(MSM_CCMD_WAIT_FENCE, new MsmCcmdWaitFenceReq { QueueId = _queue, Fence = 1 }));
        byte[] faults = _rig.Ask(Context, MSM_CCMD_SUBMITQUEUE_QUERY, new MsmCcmdSubmitqueueQueryReq { QueueId = _queue, Len = 4 }, default, 16);
        Assert.Equal((0, 4u), (NativeRig.Read<MsmCcmdSubmitqueueQueryRsp>(faults).Ret, NativeRig.Read<MsmCcmdSubmitqueueQueryRsp>(faults).OutLen));
        _rig.Do(Context, MSM_CCMD_SET_DEBUGINFO, new MsmCcmdSetDebuginfoReq { CommLen = 4 }, "comm"u8);
        _rig.Do(Context, MSM_CCMD_GEM_SET_IOVA, new MsmCcmdGemSetIovaReq { ResId = 7 });
        Assert.Equal(0, _rig.MsmSimple(Context, DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE, _queue, answers: false).Error);
        Assert.Equal(0UL, _rig.MsmSimple(Context, DRM_IOCTL_MSM_GET_PARAM, new DrmMsmParam { Pipe = MSM_PIPE_3D0, Param = MSM_PARAM_FAULTS }).Value.Value);
        Assert.Equal(0, (int)_rig.Renderer.Statistics.Refused);
    }

    [Fact]
    public void IoctlSimple_WrongRequests_AreRefused()
    {
        foreach (uint number in (uint[])[DRM_IOCTL_MSM_GEM_NEW, DRM_IOCTL_MSM_GEM_SUBMIT, 0x4018_6441, 0xC010_6440, 0xC018_6540, 0xC00C_6448, 0])
        {
            _rig.Refuse(Context, MSM_CCMD_IOCTL_SIMPLE, new MsmCcmdIoctlSimpleReq { Cmd = number }, new byte[24]);
        }

        _rig.Refuse(Context, MSM_CCMD_IOCTL_SIMPLE, new MsmCcmdIoctlSimpleReq { Cmd = DRM_IOCTL_MSM_GET_PARAM }, new byte[20]);
        foreach (DrmMsmParam wrong in (DrmMsmParam[])
        [
            new() { Pipe = 1, Param = 1 }, new() { Pipe = MSM_PIPE_3D0 }, new() { Pipe = MSM_PIPE_3D0, Param = 0x0b }, new() { Pipe = MSM_PIPE_3D0, Param = 0x0c },
            new() { Pipe = MSM_PIPE_3D0, Param = 0x0d }, new() { Pipe = MSM_PIPE_3D0, Param = 0x15 }, new() { Pipe = MSM_PIPE_3D0, Param = 1, Len = 1 },
            new() { Pipe = MSM_PIPE_3D0, Param = 1, Pad = 1 },
        ])
        {
            Assert.Equal(-EINVAL, _rig.MsmSimple(Context, DRM_IOCTL_MSM_GET_PARAM, wrong).Error);
        }

        Assert.Equal(-EINVAL, _rig.MsmSimple(Context, DRM_IOCTL_MSM_SUBMITQUEUE_NEW, new DrmMsmSubmitqueue { Prio = 3 }).Error);
        Assert.Equal(-EINVAL, _rig.MsmSimple(Context, DRM_IOCTL_MSM_SUBMITQUEUE_NEW, new DrmMsmSubmitqueue { Flags = 2 }).Error);
        Assert.Equal(-ENOENT, _rig.MsmSimple(Context, DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE, 99u, answers: false).Error);
        _ = _rig.CreateMsmQueue(Context);
        Assert.Equal(-ENOSPC, _rig.MsmSimple(Context, DRM_IOCTL_MSM_SUBMITQUEUE_NEW, default(DrmMsmSubmitqueue)).Error);
    }

    [Fact]
    public void Objects_WrongRequests_AreRefused()
    {
        MsmCcmdGemNewReq right = MsmGuest.GemNew(8, 4096);
        foreach (MsmCcmdGemNewReq wrong in (MsmCcmdGemNewReq[])
        [
            right with { Flags = 4 }, right with { Flags = 0x0010_0000 }, right with { Iova = 0 }, right with { Iova = SoftwareMsm.VaStart - 4096 },
            right with { Iova = right.Iova + 1 }, right with { Iova = SoftwareMsm.VaStart + SoftwareMsm.VaSize }, right with { Iova = ulong.MaxValue & ~4095UL },
            right with { Size = 0 }, right with { Size = 2 << 20 }, right with { Size = ulong.MaxValue }, right with { BlobId = 0 },
        ])
        {
            _rig.Refuse(Context, MSM_CCMD_GEM_NEW, wrong);
        }

        _rig.Refuse(Context, MSM_CCMD_GEM_SET_IOVA, new MsmCcmdGemSetIovaReq { ResId = 8 });
        _rig.Refuse(Context, MSM_CCMD_GEM_SET_IOVA, new MsmCcmdGemSetIovaReq { ResId = 7, Pad = 1 });
        _rig.Refuse(Context, MSM_CCMD_GEM_SET_IOVA, new MsmCcmdGemSetIovaReq { ResId = 7, Iova = 4096 });
        _rig.Refuse(Context, MSM_CCMD_GEM_SET_NAME, new MsmCcmdGemSetNameReq { ResId = 8, Len = 4 }, "name"u8);
        _rig.Refuse(Context, MSM_CCMD_GEM_SET_NAME, new MsmCcmdGemSetNameReq { ResId = 7, Len = 5 }, "name"u8);
        _rig.Refuse(Context, MSM_CCMD_GEM_SET_NAME, new MsmCcmdGemSetNameReq { ResId = 7, Len = 32 }, new byte[32]);
        _rig.Refuse(Context, MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = 8, Len = 4 }, new byte[4]);
        _rig.Refuse(Context, MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = 7, Len = 5 }, new byte[4]);
        _rig.Refuse(Context, MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = 7, Off = 8189, Len = 4 }, new byte[4]);
        _rig.Refuse(Context, MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = 7, Off = uint.MaxValue, Len = 4 }, new byte[4]);
        _rig.Refuse(Context, MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = 7, Pad = 1, Len = 4 }, new byte[4]);
        _rig.Refuse(Context, MSM_CCMD_SUBMITQUEUE_QUERY, new MsmCcmdSubmitqueueQueryReq { QueueId = _queue, Len = 9 });
        _rig.Refuse(Context, MSM_CCMD_SUBMITQUEUE_QUERY, new MsmCcmdSubmitqueueQueryReq { QueueId = _queue, Param = 1, Len = 4 });
        Assert.Equal(-EINVAL, Ret(MSM_CCMD_GEM_CPU_PREP, new MsmCcmdGemCpuPrepReq { ResId = 8, Op = 1 }));
        Assert.Equal(-EINVAL, Ret(MSM_CCMD_GEM_CPU_PREP, new MsmCcmdGemCpuPrepReq { ResId = 7, Op = 16 }));
        Assert.Equal(-ENOENT, Ret(MSM_CCMD_WAIT_FENCE, new MsmCcmdWaitFenceReq { QueueId = 99 }));
        Assert.Equal(-EINVAL, Ret(MSM_CCMD_WAIT_FENCE, new MsmCcmdWaitFenceReq { QueueId = _queue, Fence = 9 }));
    }

    [Fact]
    public void Submit_WrongRequests_AreRefused()
    {
        MsmCcmdGemSubmitReq right = MsmGuest.SubmitRequest(_queue);
        byte[] tail = MsmGuest.SubmitTail(7);
        foreach (MsmCcmdGemSubmitReq wrong in (MsmCcmdGemSubmitReq[])
        [
            right with { Flags = 0 }, right with { Flags = MSM_PIPE_3D0 | 0x4000_0000 }, right with { Flags = MSM_PIPE_3D0 | 0x1000_0000 },
            right with { Flags = MSM_PIPE_3D0 | 0x0800_0000 }, right with { QueueId = 0 }, right with { NrBos = 2 }, right with { NrCmds = 2 },
            right with { NrBos = uint.MaxValue }, right with { NrCmds = uint.MaxValue }, right with { NrBos = 0 },
        ])
        {
            _rig.Refuse(Context, MSM_CCMD_GEM_SUBMIT, wrong, tail);
        }

        // Of the object: flags, handle. Of the command: kind, which object, offset, size, what is reserved, relocations.
        foreach ((int at, byte value) in ((int, byte)[])[(0, 16), (4, 8), (16, 0), (16, 4), (20, 1), (24, 2), (27, 1), (28, 66), (28, 0), (29, 64), (32, 1), (36, 1)])
        {
            byte[] wrong = [.. tail];
            wrong[at] = value;
            _rig.Refuse(Context, MSM_CCMD_GEM_SUBMIT, right, wrong);
        }

        // A pointer that the guest names is not the kernel's to follow.
        byte[] pointer = [.. tail];
        pointer[40] = 1;
        _rig.Do(Context, MSM_CCMD_GEM_SUBMIT, right, pointer);
    }

    public void Dispose() => _rig.Dispose();

    private int Ret<T>(MsmCcmd command, T request)
        where T : unmanaged => NativeRig.Read<MsmCcmdRsp>(_rig.Ask(Context, command, request, default, 8)).Ret;
}
