using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Msm;

/// <summary>A native context for Qualcomm's GPUs: parameters, queues, waiting.</summary>
internal sealed unsafe partial class MsmContext(NativeContextSetup setup, MsmCapset capset) : NativeContext(setup)
{
    /// <summary>The queues, and the ring of each.</summary>
    private readonly Dictionary<uint, uint> _queues = [];

    protected override string Driver => "msm";

    protected override uint PageHeaderSize => (uint)sizeof(MsmShmem);

    protected override int? AsyncErrorOffset => 8;

    protected override uint Alignment => 4;

    /// <summary>The processor's ring, and one for each priority.</summary>
    protected override uint RingCount => capset.Priorities + 1;

    protected override int Execute(in NativeCommand command) => (MsmCcmd)command.Header.Cmd switch
    {
        MsmCcmd.MSM_CCMD_NOP => 0,
        MsmCcmd.MSM_CCMD_IOCTL_SIMPLE => IoctlSimple(command),
        MsmCcmd.MSM_CCMD_GEM_NEW => GemNew(command),
        MsmCcmd.MSM_CCMD_GEM_SET_IOVA => GemSetIova(command),
        MsmCcmd.MSM_CCMD_GEM_CPU_PREP => GemCpuPrep(command),
        MsmCcmd.MSM_CCMD_GEM_SET_NAME => GemSetName(command),
        MsmCcmd.MSM_CCMD_GEM_SUBMIT => GemSubmit(command),
        MsmCcmd.MSM_CCMD_GEM_UPLOAD => GemUpload(command),
        MsmCcmd.MSM_CCMD_SUBMITQUEUE_QUERY => QueryQueue(command),
        MsmCcmd.MSM_CCMD_WAIT_FENCE => WaitFence(command),
        // Names of the guest's processes, for the host's log of faults: nothing that the kernel has to hear.
        MsmCcmd.MSM_CCMD_SET_DEBUGINFO => 0,
        _ => ENOSYS,
    };

    protected override bool Release()
    {
        bool all = true;
        foreach (uint id in _queues.Keys)
        {
            uint closed = id;
            all &= File.Ioctl(DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE, ref closed) == 0;
        }

        _bos.Dispose();
        _cmds.Dispose();
        return all;
    }

    /// <summary>Tells the guest of faults, which Freedreno looks for.</summary>
    protected override void WorkCompleted()
    {
        var request = new DrmMsmParam { Pipe = MSM_PIPE_3D0, Param = MSM_PARAM_FAULTS };
        if (Page is { } page && File.Ioctl(DRM_IOCTL_MSM_GET_PARAM, ref request) == 0)
        {
            page.WriteWord(12, (uint)request.Value);
        }
    }

    /// <summary>The ioctls without pointers. Their numbers are listed in full: direction, size and name.</summary>
    private int IoctlSimple(in NativeCommand command)
    {
        uint number = command.Read<MsmCcmdIoctlSimpleReq>().Cmd;
        ReadOnlySpan<byte> argument = command.TailOf<MsmCcmdIoctlSimpleReq>();
        return number switch
        {
            DRM_IOCTL_MSM_GET_PARAM when argument.Length == sizeof(DrmMsmParam) => GetParam(command, MemoryMarshal.Read<DrmMsmParam>(argument)),
            DRM_IOCTL_MSM_SUBMITQUEUE_NEW when argument.Length == sizeof(DrmMsmSubmitqueue) => NewQueue(command, MemoryMarshal.Read<DrmMsmSubmitqueue>(argument)),
            DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE when argument.Length == sizeof(uint) => CloseQueue(command, MemoryMarshal.Read<uint>(argument)),
            _ => EPERM,
        };
    }

    private int GetParam(in NativeCommand command, DrmMsmParam request)
    {
        if (!TryAnswer<MsmCcmdRsp>(command, sizeof(DrmMsmParam), out Span<byte> answer))
        {
            return ENOSPC;
        }

        bool isReadable = request.Param is >= MSM_PARAM_GPU_ID and <= MSM_PARAM_UCHE_TRAP_BASE
            and not (>= MSM_PARAM_SYSPROF and <= MSM_PARAM_CMDLINE);
        int error = EINVAL;
        if (request.Pipe == MSM_PIPE_3D0 && isReadable && request.Len == 0 && request.Pad == 0)
        {
            request.Value = 0;
            error = File.Ioctl(DRM_IOCTL_MSM_GET_PARAM, ref request);
        }

        return Answer(answer, error, request);
    }

    private int NewQueue(in NativeCommand command, DrmMsmSubmitqueue request)
    {
        if (!TryAnswer<MsmCcmdRsp>(command, sizeof(DrmMsmSubmitqueue), out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = (request.Flags & ~MSM_SUBMITQUEUE_ALLOW_PREEMPT) != 0 || request.Prio >= capset.Priorities ? EINVAL
            : _queues.Count >= Limits.MaxQueues ? ENOSPC
            : 0;
        if (error == 0)
        {
            request.Id = 0;
            uint ring = request.Prio + 1;
            error = File.Ioctl(DRM_IOCTL_MSM_SUBMITQUEUE_NEW, ref request);
            if (error == 0)
            {
                _queues[request.Id] = ring;
            }
        }

        return Answer(answer, error, request);
    }

    private int CloseQueue(in NativeCommand command, uint id)
    {
        if (!TryAnswer<MsmCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = _queues.ContainsKey(id) ? File.Ioctl(DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE, ref id) : ENOENT;
        if (error == 0)
        {
            _ = _queues.Remove(id);
        }

        return Answer(answer, error);
    }

    /// <summary>Waiting must not hold up others: what is not there yet is ETIMEDOUT, and the guest asks again.</summary>
    private int WaitFence(in NativeCommand command)
    {
        MsmCcmdWaitFenceReq request = command.Read<MsmCcmdWaitFenceReq>();
        if (!TryAnswer<MsmCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = ENOENT;
        if (_queues.ContainsKey(request.QueueId))
        {
            var wait = new DrmMsmWaitFence { Fence = request.Fence, Queueid = request.QueueId };
            error = File.Ioctl(DRM_IOCTL_MSM_WAIT_FENCE, ref wait);
        }

        return Answer(answer, error);
    }

    private int QueryQueue(in NativeCommand command)
    {
        MsmCcmdSubmitqueueQueryReq request = command.Read<MsmCcmdSubmitqueueQueryReq>();
        ulong value = 0;
        if (request.Len > sizeof(ulong) || request.Param != MSM_SUBMITQUEUE_PARAM_FAULTS)
        {
            return EINVAL;
        }

        if (!TryAnswer<MsmCcmdSubmitqueueQueryRsp>(command, (int)request.Len, out Span<byte> answer))
        {
            return ENOSPC;
        }

        // The kernel writes no more than Len bytes, into a local of this frame.
        var query = new DrmMsmSubmitqueueQuery { Data = (ulong)&value, Id = request.QueueId, Param = request.Param, Len = request.Len };
        int error = _queues.ContainsKey(request.QueueId) ? File.Ioctl(DRM_IOCTL_MSM_SUBMITQUEUE_QUERY, ref query) : ENOENT;
        MemoryMarshal.Write(answer, new MsmCcmdSubmitqueueQueryRsp { Ret = error == 0 ? 0 : Refused(error), OutLen = query.Len });
        new Span<byte>(&value, (int)request.Len).CopyTo(answer[sizeof(MsmCcmdSubmitqueueQueryRsp)..]);
        return 0;
    }

    private int Answer(Span<byte> answer, int error)
    {
        // To be asked again is no fault of the guest's.
        MemoryMarshal.Write(answer, new MsmCcmdRsp { Ret = error is 0 or EBUSY or ETIMEDOUT ? -error : Refused(error) });
        return 0;
    }

    private int Answer<T>(Span<byte> answer, int error, T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(answer[sizeof(MsmCcmdRsp)..], value);
        return Answer(answer, error);
    }
}
