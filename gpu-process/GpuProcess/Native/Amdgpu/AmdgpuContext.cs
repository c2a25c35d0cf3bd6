using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuCcmdCreateCtxReq;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Amdgpu;

/// <summary>A native context for AMD's GPUs: queries and contexts of the driver.</summary>
internal sealed unsafe partial class AmdgpuContext(NativeContextSetup setup) : NativeContext(setup)
{
    private readonly HashSet<uint> _contexts = [];
    private bool _hasVmid;

    protected override string Driver => "amdgpu";

    protected override uint PageHeaderSize => (uint)sizeof(AmdvgpuShmem);

    protected override int? AsyncErrorOffset => 8;

    protected override uint Alignment => 4;

    /// <summary>As many as virtio-gpu has; which engine a ring is, guests and Mesa agree upon.</summary>
    protected override uint RingCount => 64;

    protected override int Execute(in NativeCommand command) => (AmdgpuCcmd)command.Header.Cmd switch
    {
        AmdgpuCcmd.AMDGPU_CCMD_QUERY_INFO => QueryInfo(command),
        AmdgpuCcmd.AMDGPU_CCMD_GEM_NEW => GemNew(command),
        AmdgpuCcmd.AMDGPU_CCMD_BO_VA_OP => BoVaOp(command),
        AmdgpuCcmd.AMDGPU_CCMD_CS_SUBMIT => CsSubmit(command),
        AmdgpuCcmd.AMDGPU_CCMD_SET_METADATA => SetMetadata(command),
        AmdgpuCcmd.AMDGPU_CCMD_BO_QUERY_INFO => BoQueryInfo(command),
        AmdgpuCcmd.AMDGPU_CCMD_CREATE_CTX => CreateCtx(command),
        AmdgpuCcmd.AMDGPU_CCMD_RESERVE_VMID => ReserveVmid(command),
        AmdgpuCcmd.AMDGPU_CCMD_SET_PSTATE => SetPstate(command),
        AmdgpuCcmd.AMDGPU_CCMD_CS_QUERY_FENCE_STATUS => QueryFenceStatus(command),
        _ => ENOSYS,
    };

    protected override void PageMade() => TellHeaps();

    protected override bool Release()
    {
        bool all = !_hasVmid || OperateVm(AMDGPU_VM_OP_UNRESERVE_VMID) == 0;
        foreach (uint id in _contexts)
        {
            all &= FreeContext(id) == 0;
        }

        _pointers.Dispose();
        _chunks.Dispose();
        _data.Dispose();
        _list.Dispose();
        return all & ClearSparse();
    }

    private int QueryInfo(in NativeCommand command)
    {
        DrmAmdgpuInfo asked = command.Read<AmdgpuCcmdQueryInfoReq>().Info;
        if (asked.ReturnSize > Limits.MaxSharedBytes)
        {
            return EINVAL;
        }

        if (!TryAnswer<AmdgpuCcmdRsp>(command, (int)asked.ReturnSize, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int error = EINVAL;
        if (IsKnown(asked))
        {
            fixed (byte* data = answer[sizeof(AmdgpuCcmdRsp)..])
            {
                // The kernel writes no more than ReturnSize bytes, for which the answer has room.
                DrmAmdgpuInfo request = asked with { ReturnPointer = (ulong)data };
                error = File.Ioctl(DRM_IOCTL_AMDGPU_INFO, ref request);
            }
        }

        return Answer(answer, error);
    }

    /// <summary>Queries about the GPU. Not those about the host's screens and its firmware's image.</summary>
    private static bool IsKnown(in DrmAmdgpuInfo asked) => asked.Query switch
    {
        AMDGPU_INFO_ACCEL_WORKING or AMDGPU_INFO_TIMESTAMP or AMDGPU_INFO_NUM_BYTES_MOVED or AMDGPU_INFO_VRAM_USAGE or AMDGPU_INFO_GTT_USAGE
            or AMDGPU_INFO_GDS_CONFIG or AMDGPU_INFO_VRAM_GTT or AMDGPU_INFO_DEV_INFO or AMDGPU_INFO_VIS_VRAM_USAGE or AMDGPU_INFO_NUM_EVICTIONS
            or AMDGPU_INFO_MEMORY or AMDGPU_INFO_VCE_CLOCK_TABLE or AMDGPU_INFO_NUM_HANDLES or AMDGPU_INFO_SENSOR
            or AMDGPU_INFO_NUM_VRAM_CPU_PAGE_FAULTS or AMDGPU_INFO_VRAM_LOST_COUNTER or AMDGPU_INFO_RAS_ENABLED_FEATURES
            or AMDGPU_INFO_VIDEO_CAPS or AMDGPU_INFO_MAX_IBS or AMDGPU_INFO_GPUVM_FAULT or AMDGPU_INFO_FW_VERSION => true,
        AMDGPU_INFO_HW_IP_INFO or AMDGPU_INFO_HW_IP_COUNT => asked.Word0 < AMDGPU_HW_IP_NUM,
        AMDGPU_INFO_READ_MMR_REG => asked.Word1 is > 0 and <= MaxRegisters && asked.Word1 * sizeof(uint) <= asked.ReturnSize && asked.Word3 == 0,
        _ => false,
    };

    private int CreateCtx(in NativeCommand command)
    {
        AmdgpuCcmdCreateCtxReq request = command.Read<AmdgpuCcmdCreateCtxReq>();
        if (!TryAnswer<AmdgpuCcmdWordRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        uint id = 0;
        int error = (request.Flags & ~AMDGPU_CCMD_CREATE_CTX_DESTROY) != 0 ? EINVAL
            : request.Flags != 0 ? DestroyContext(request.Id)
            : MakeContext(request.Priority, out id);
        return Answer(answer, error, id);
    }

    private int MakeContext(int priority, out uint id)
    {
        id = 0;
        // Above it are those that the host's desktop has before guests.
        if (priority > AMDGPU_CTX_PRIORITY_NORMAL)
        {
            return EPERM;
        }

        if (priority < AMDGPU_CTX_PRIORITY_UNSET)
        {
            return EINVAL;
        }

        if (_contexts.Count >= Limits.MaxQueues)
        {
            return ENOSPC;
        }

        var create = new DrmAmdgpuCtx { Op = AMDGPU_CTX_OP_ALLOC_CTX, Priority = priority };
        int error = File.Ioctl(DRM_IOCTL_AMDGPU_CTX, ref create);
        if (error == 0)
        {
            id = create.Result;
            _ = _contexts.Add(id);
        }

        return error;
    }

    private int DestroyContext(uint id)
    {
        int error = _contexts.Contains(id) ? FreeContext(id) : ENOENT;
        if (error == 0)
        {
            _ = _contexts.Remove(id);
        }

        return error;
    }

    private int FreeContext(uint id)
    {
        var free = new DrmAmdgpuCtx { Op = AMDGPU_CTX_OP_FREE_CTX, CtxId = id };
        return File.Ioctl(DRM_IOCTL_AMDGPU_CTX, ref free);
    }

    /// <summary>An address space of hardware for this context alone, which profilers want.</summary>
    private int ReserveVmid(in NativeCommand command)
    {
        ulong flags = command.Read<AmdgpuCcmdReserveVmidReq>().Flags;
        if (!TryAnswer<AmdgpuCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        bool reserves = flags == 0;
        int error = (flags & ~AmdgpuCcmdReserveVmidReq.AMDGPU_CCMD_RESERVE_VMID_UNRESERVE) != 0 || reserves == _hasVmid
            ? EINVAL
            : OperateVm(reserves ? AMDGPU_VM_OP_RESERVE_VMID : AMDGPU_VM_OP_UNRESERVE_VMID);
        _hasVmid = error == 0 ? reserves : _hasVmid;
        return Answer(answer, error);
    }

    private int OperateVm(uint operation)
    {
        var request = new DrmAmdgpuVm { Op = operation };
        return File.Ioctl(DRM_IOCTL_AMDGPU_VM, ref request);
    }

    /// <summary>The clocks are the host's: guests may ask, and say that they want nothing.</summary>
    private int SetPstate(in NativeCommand command)
    {
        AmdgpuCcmdSetPstateReq request = command.Read<AmdgpuCcmdSetPstateReq>();
        if (!TryAnswer<AmdgpuCcmdWordRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        var operation = new DrmAmdgpuCtx { Op = request.Op, Flags = request.Flags, CtxId = request.CtxId };
        int error = request.Pad != 0 || request.Op is not (AMDGPU_CTX_OP_GET_STABLE_PSTATE or AMDGPU_CTX_OP_SET_STABLE_PSTATE) ? EINVAL
            : request.Flags != AMDGPU_CTX_STABLE_PSTATE_NONE ? EPERM
            : !_contexts.Contains(request.CtxId) ? ENOENT
            : File.Ioctl(DRM_IOCTL_AMDGPU_CTX, ref operation);
        return Answer(answer, error, error == 0 && request.Op == AMDGPU_CTX_OP_GET_STABLE_PSTATE ? operation.Result : 0);
    }

    /// <summary>Waiting must not hold up others: what is not complete yet is answered so, whatever time the guest has.</summary>
    private int QueryFenceStatus(in NativeCommand command)
    {
        AmdgpuCcmdCsQueryFenceStatusReq request = command.Read<AmdgpuCcmdCsQueryFenceStatusReq>();
        if (!TryAnswer<AmdgpuCcmdWordRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        var wait = new DrmAmdgpuWaitCs
        {
            Handle = request.Fence,
            IpType = request.IpType,
            IpInstance = request.IpInstance,
            Ring = request.Ring,
            CtxId = request.CtxId,
        };
        int error = (request.Flags & ~AmdgpuCcmdCsQueryFenceStatusReq.AMDGPU_QUERY_FENCE_TIMEOUT_IS_ABSOLUTE) != 0
            || request.IpType >= AMDGPU_HW_IP_NUM ? EINVAL
            : !_contexts.Contains(request.CtxId) ? ENOENT
            : File.Ioctl(DRM_IOCTL_AMDGPU_WAIT_CS, ref wait);
        return Answer(answer, error, error == 0 && wait.Status == 0 ? 1u : 0);
    }

    private int Answer(Span<byte> answer, int error)
    {
        MemoryMarshal.Write(answer, new AmdgpuCcmdRsp { Ret = error == 0 ? 0 : Refused(error) });
        return 0;
    }

    private int Answer(Span<byte> answer, int error, uint value)
    {
        MemoryMarshal.Write(answer[Unsafe.SizeOf<AmdgpuCcmdRsp>()..], value);
        return Answer(answer, error);
    }
}
