using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>A native context for Apple's GPUs: address spaces, queues, parameters.</summary>
internal sealed unsafe partial class AsahiContext(NativeContextSetup setup) : SimpleIoctlContext<AsahiContext>(setup)
{
    /// <summary>Bytes of parameters that a guest may ask for; the kernel has 592.</summary>
    private const int MaxParams = 4096;

    private readonly HashSet<uint> _spaces = [];

    /// <summary>The queues, and the ring of each.</summary>
    private readonly Dictionary<uint, uint> _queues = [];
    private readonly HashSet<uint> _boundObjects = [];

    protected override string Driver => "asahi";

    protected override uint PageHeaderSize => (uint)sizeof(AsahiShmem);

    protected override int? AsyncErrorOffset => 8;

    protected override uint Alignment => 4;

    /// <summary>The processor's ring, and one for each priority of queues that guests may have.</summary>
    protected override uint RingCount => DRM_ASAHI_PRIORITY_MEDIUM + 2;

    protected override int Execute(in NativeCommand command) => (AsahiCcmd)command.Header.Cmd switch
    {
        AsahiCcmd.ASAHI_CCMD_NOP => 0,
        AsahiCcmd.ASAHI_CCMD_IOCTL_SIMPLE => IoctlSimple(command),
        AsahiCcmd.ASAHI_CCMD_GET_PARAMS => GetParams(command),
        AsahiCcmd.ASAHI_CCMD_GEM_NEW => GemNew(command),
        AsahiCcmd.ASAHI_CCMD_VM_BIND => VmBind(command),
        AsahiCcmd.ASAHI_CCMD_SUBMIT => Submit(command),
        AsahiCcmd.ASAHI_CCMD_GEM_BIND_OBJECT => GemBindObject(command),
        _ => ENOSYS,
    };

    protected override bool Release()
    {
        bool all = true;
        foreach (uint id in _queues.Keys)
        {
            var request = new DrmAsahiQueueDestroy { QueueId = id };
            all &= File.Ioctl(DRM_IOCTL_ASAHI_QUEUE_DESTROY, ref request) == 0;
        }

        foreach (uint handle in _boundObjects)
        {
            var request = new DrmAsahiGemBindObject { Op = DRM_ASAHI_BIND_OBJECT_OP_UNBIND, ObjectHandle = handle };
            all &= File.Ioctl(DRM_IOCTL_ASAHI_GEM_BIND_OBJECT, ref request) == 0;
        }

        foreach (uint id in _spaces)
        {
            var request = new DrmAsahiVmDestroy { VmId = id };
            all &= File.Ioctl(DRM_IOCTL_ASAHI_VM_DESTROY, ref request) == 0;
        }

        _binds.Dispose();
        _syncs.Dispose();
        return all;
    }

    protected override int ResultOf(int error) => error == 0 ? 0 : Refused(error);

    /// <summary>The ioctls without pointers. Their numbers are listed in full: direction, size and name.</summary>
    private int IoctlSimple(in NativeCommand command)
    {
        uint number = command.Read<AsahiCcmdIoctlSimpleReq>().Cmd;
        ReadOnlySpan<byte> argument = command.TailOf<AsahiCcmdIoctlSimpleReq>();
        return number switch
        {
            DRM_IOCTL_ASAHI_VM_CREATE => Simple<DrmAsahiVmCreate>(command, number, argument, static (it, ref request) => it.CreateSpace(ref request)),
            DRM_IOCTL_ASAHI_VM_DESTROY => Simple<DrmAsahiVmDestroy>(command, number, argument, static (it, ref request) => it.DestroySpace(ref request)),
            DRM_IOCTL_ASAHI_QUEUE_CREATE => Simple<DrmAsahiQueueCreate>(command, number, argument, static (it, ref request) => it.CreateQueue(ref request)),
            DRM_IOCTL_ASAHI_QUEUE_DESTROY => Simple<DrmAsahiQueueDestroy>(command, number, argument, static (it, ref request) => it.DestroyQueue(ref request)),
            DRM_IOCTL_ASAHI_GET_TIME => Simple<DrmAsahiGetTime>(command, number, argument, static (it, ref request) => it.GetTime(ref request)),
            _ => EPERM,
        };
    }

    private int CreateSpace(ref DrmAsahiVmCreate request)
    {
        if (request.Pad != 0 || request.KernelStart >= request.KernelEnd
            || request.KernelStart % PageSize != 0 || request.KernelEnd % PageSize != 0)
        {
            return EINVAL;
        }

        if (_spaces.Count >= Limits.MaxAddressSpaces)
        {
            return ENOSPC;
        }

        request.VmId = 0;
        int error = File.Ioctl(DRM_IOCTL_ASAHI_VM_CREATE, ref request);
        if (error == 0)
        {
            _ = _spaces.Add(request.VmId);
        }

        return error;
    }

    private int DestroySpace(ref DrmAsahiVmDestroy request)
    {
        if (request.Pad != 0)
        {
            return EINVAL;
        }

        int error = _spaces.Contains(request.VmId) ? File.Ioctl(DRM_IOCTL_ASAHI_VM_DESTROY, ref request) : ENOENT;
        if (error == 0)
        {
            _ = _spaces.Remove(request.VmId);
        }

        return error;
    }

    private int CreateQueue(ref DrmAsahiQueueCreate request)
    {
        if (request.Flags != 0 || !_spaces.Contains(request.VmId))
        {
            return EINVAL;
        }

        // Above it are those that the host's desktop has before guests.
        if (request.Priority > DRM_ASAHI_PRIORITY_MEDIUM)
        {
            return EPERM;
        }

        if (_queues.Count >= Limits.MaxQueues)
        {
            return ENOSPC;
        }

        request.QueueId = 0;
        uint ring = request.Priority + 1;
        int error = File.Ioctl(DRM_IOCTL_ASAHI_QUEUE_CREATE, ref request);
        if (error == 0)
        {
            _queues[request.QueueId] = ring;
        }

        return error;
    }

    private int DestroyQueue(ref DrmAsahiQueueDestroy request)
    {
        if (request.Pad != 0)
        {
            return EINVAL;
        }

        int error = _queues.ContainsKey(request.QueueId) ? File.Ioctl(DRM_IOCTL_ASAHI_QUEUE_DESTROY, ref request) : ENOENT;
        if (error == 0)
        {
            _ = _queues.Remove(request.QueueId);
        }

        return error;
    }

    private int GetTime(ref DrmAsahiGetTime request) =>
        request.Flags != 0 ? EINVAL : File.Ioctl(DRM_IOCTL_ASAHI_GET_TIME, ref request);

    private int GetParams(in NativeCommand command)
    {
        DrmAsahiGetParams asked = command.Read<AsahiCcmdGetParamsReq>().Params;
        if (asked.ParamGroup != 0 || asked.Pad != 0 || asked.Size > MaxParams)
        {
            return EINVAL;
        }

        if (!TryAnswer<AsahiCcmdGetParamsRsp>(command, (int)asked.Size, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error;
        fixed (byte* parameters = answer[sizeof(AsahiCcmdGetParamsRsp)..])
        {
            // The kernel writes no more than Size bytes, for which the answer has room.
            var request = new DrmAsahiGetParams { Pointer = (ulong)parameters, Size = asked.Size };
            error = File.Ioctl(DRM_IOCTL_ASAHI_GET_PARAMS, ref request);
        }

        MemoryMarshal.Write(answer, new AsahiCcmdGetParamsRsp { Ret = error == 0 ? 0 : Refused(error) });
        return 0;
    }
}
