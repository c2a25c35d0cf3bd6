using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>A native context for Intel's GPUs: parameters and queries.</summary>
internal sealed unsafe partial class I915Context(NativeContextSetup setup) : SimpleIoctlContext<I915Context>(setup)
{
    private const int MaxQuery = 64 << 10;

    /// <summary>A newer version lets parts of objects be mapped, which virtio-gpu does not.</summary>
    private const int MmapWholeObjects = 4;

    protected override string Driver => "i915";

    protected override uint PageHeaderSize => (uint)sizeof(I915Shmem);

    /// <summary>What fails has an answer, or shows in the blob that cannot be made.</summary>
    protected override int? AsyncErrorOffset => null;

    protected override uint Alignment => 4;

    protected override uint RingCount => 64;

    protected override int Execute(in NativeCommand command) => (I915Ccmd)command.Header.Cmd switch
    {
        I915Ccmd.I915_CCMD_IOCTL_SIMPLE => IoctlSimple(command),
        I915Ccmd.I915_CCMD_GETPARAM => GetParam(command),
        I915Ccmd.I915_CCMD_QUERYPARAM => QueryParam(command),
        I915Ccmd.I915_CCMD_GEM_CREATE => GemCreate(command),
        I915Ccmd.I915_CCMD_GEM_CREATE_EXT => GemCreateExt(command),
        I915Ccmd.I915_CCMD_GEM_CONTEXT_CREATE => ContextCreate(command),
        I915Ccmd.I915_CCMD_GEM_EXECBUFFER2 => Execbuffer(command),
        I915Ccmd.I915_CCMD_GEM_SET_MMAP_MODE => SetMmapMode(command),
        I915Ccmd.I915_CCMD_GEM_BUSY => GemBusy(command),
        _ => ENOSYS,
    };

    protected override bool Release()
    {
        bool all = true;
        foreach (uint id in _contexts)
        {
            var request = new DrmI915GemContextId { CtxId = id };
            all &= File.Ioctl(DRM_IOCTL_I915_GEM_CONTEXT_DESTROY, ref request) == 0;
        }

        foreach (uint id in _spaces)
        {
            var request = new DrmI915GemVmControl { VmId = id };
            all &= File.Ioctl(DRM_IOCTL_I915_GEM_VM_DESTROY, ref request) == 0;
        }

        _chain.Dispose();
        _buffers.Dispose();
        _relocations.Dispose();
        return all;
    }

    private int GetParam(in NativeCommand command)
    {
        if (!TryAnswer<I915CcmdWordRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        int value = -1;
        // The kernel writes an int, into this frame.
        var request = new DrmI915Getparam { Param = (int)command.Read<I915CcmdGetparamReq>().Param, Value = (ulong)&value };
        int error = File.Ioctl(DRM_IOCTL_I915_GETPARAM, ref request);
        if (request.Param == I915_PARAM_MMAP_GTT_VERSION)
        {
            value = Math.Min(value, MmapWholeObjects);
        }

        return Answer(answer, error, (uint)value);
    }

    private int QueryParam(in NativeCommand command)
    {
        I915CcmdQueryparamReq request = command.Read<I915CcmdQueryparamReq>();
        if (request.QueryId is < DRM_I915_QUERY_TOPOLOGY_INFO or > DRM_I915_QUERY_GUC_SUBMISSION_VERSION or DRM_I915_QUERY_PERF_CONFIG
            || request.Length > MaxQuery || request.Pad != 0)
        {
            return EINVAL;
        }

        if (!TryAnswer<I915CcmdWordRsp>(command, (int)request.Length, out Span<byte> answer))
        {
            return ENOSPC;
        }

        fixed (byte* data = answer[sizeof(I915CcmdWordRsp)..])
        {
            // The kernel writes no more than Length bytes, for which the answer has room.
            var item = new DrmI915QueryItem
            {
                QueryId = request.QueryId,
                Length = (int)request.Length,
                Flags = request.Flags,
                DataPtr = request.Length == 0 ? 0 : (ulong)data,
            };
            var query = new DrmI915Query { NumItems = 1, ItemsPtr = (ulong)&item };
            int error = File.Ioctl(DRM_IOCTL_I915_QUERY, ref query);
            return Answer(answer, error, (uint)item.Length);
        }
    }

    private int GemBusy(in NativeCommand command)
    {
        if (!TryAnswer<I915CcmdWordRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        var request = new DrmI915GemBusy { Handle = Objects.HandleOf(command.Read<I915CcmdGemReq>().ResId) };
        int error = request.Handle == 0 ? EINVAL : File.Ioctl(DRM_IOCTL_I915_GEM_BUSY, ref request);
        return Answer(answer, error, error == 0 ? request.Busy : 0);
    }

    private int Answer(Span<byte> answer, int error, uint value)
    {
        MemoryMarshal.Write(answer, new I915CcmdWordRsp { Ret = error == 0 ? 0 : -Refused(error), Value = value });
        return 0;
    }
}
