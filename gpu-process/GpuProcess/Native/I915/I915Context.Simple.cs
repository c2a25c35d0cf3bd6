using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>The ioctls without pointers. Their numbers are listed in full: direction, size and name.</summary>
internal sealed unsafe partial class I915Context
{
    /// <summary>Above 0 in this protocol. To be asked again is no fault of the guest's.</summary>
    protected override int ResultOf(int error) => error is 0 or EAGAIN ? error : -Refused(error);

    private int IoctlSimple(in NativeCommand command)
    {
        I915CcmdIoctlSimpleReq request = command.Read<I915CcmdIoctlSimpleReq>();
        ReadOnlySpan<byte> argument = command.TailOf<I915CcmdIoctlSimpleReq>();
        return request.Cmd switch
        {
            _ when request.Pad != 0 => EINVAL,
            DRM_IOCTL_I915_REG_READ => Simple<DrmI915RegRead>(command, request.Cmd, argument, static (it, ref request) => it.ReadRegister(ref request)),
            DRM_IOCTL_I915_GEM_GET_APERTURE => Simple<DrmI915GemGetAperture>(command, request.Cmd, argument, static (it, ref request) => it.GetAperture(ref request)),
            DRM_IOCTL_I915_GEM_SET_TILING => Simple<DrmI915GemTiling>(command, request.Cmd, argument, static (it, ref request) => it.SetTiling(ref request)),
            DRM_IOCTL_I915_GEM_GET_TILING => Simple<DrmI915GemTiling>(command, request.Cmd, argument, static (it, ref request) => it.GetTiling(ref request)),
            DRM_IOCTL_I915_GEM_SET_DOMAIN => Simple<DrmI915GemSetDomain>(command, request.Cmd, argument, static (it, ref request) => it.SetDomain(ref request)),
            DRM_IOCTL_I915_GET_RESET_STATS => Simple<DrmI915ResetStats>(command, request.Cmd, argument, static (it, ref request) => it.GetResetStats(ref request)),
            DRM_IOCTL_I915_GEM_CONTEXT_CREATE => Simple<DrmI915GemContextId>(command, request.Cmd, argument, static (it, ref request) => it.CreateContext(ref request)),
            DRM_IOCTL_I915_GEM_CONTEXT_DESTROY => Simple<DrmI915GemContextId>(command, request.Cmd, argument, static (it, ref request) => it.DestroyContext(ref request)),
            DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM => Simple<DrmI915GemContextParam>(command, request.Cmd, argument, static (it, ref request) => it.GetContextParam(ref request)),
            DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM => Simple<DrmI915GemContextParam>(command, request.Cmd, argument, static (it, ref request) => it.SetContextParam(ref request)),
            DRM_IOCTL_I915_GEM_VM_CREATE => Simple<DrmI915GemVmControl>(command, request.Cmd, argument, static (it, ref request) => it.CreateSpace(ref request)),
            DRM_IOCTL_I915_GEM_VM_DESTROY => Simple<DrmI915GemVmControl>(command, request.Cmd, argument, static (it, ref request) => it.DestroySpace(ref request)),
            _ => EPERM,
        };
    }

    private int ReadRegister(ref DrmI915RegRead request) =>
        (request.Offset & ~RegisterMode) == RCS_TIMESTAMP ? File.Ioctl(DRM_IOCTL_I915_REG_READ, ref request) : EINVAL;

    private int GetAperture(ref DrmI915GemGetAperture request) => File.Ioctl(DRM_IOCTL_I915_GEM_GET_APERTURE, ref request);

    private int SetTiling(ref DrmI915GemTiling request) =>
        request.TilingMode > I915_TILING_LAST ? EINVAL : OfObject(DRM_IOCTL_I915_GEM_SET_TILING, ref request);

    private int GetTiling(ref DrmI915GemTiling request) => OfObject(DRM_IOCTL_I915_GEM_GET_TILING, ref request);

    /// <summary>The kernel's handle stays here: the guest's name goes in and comes out.</summary>
    private int OfObject(uint number, ref DrmI915GemTiling request)
    {
        uint resource = request.Handle;
        request.Handle = Objects.HandleOf(resource);
        int error = request.Handle == 0 ? EINVAL : File.Ioctl(number, ref request);
        request.Handle = resource;
        return error;
    }

    /// <summary>Waiting must not hold up others: while the GPU uses the object, the guest is to ask again.</summary>
    private int SetDomain(ref DrmI915GemSetDomain request)
    {
        request.Handle = Objects.HandleOf(request.Handle);
        if (request.Handle == 0)
        {
            return EINVAL;
        }

        var busy = new DrmI915GemBusy { Handle = request.Handle };
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_BUSY, ref busy);
        return error != 0 ? error : busy.Busy != 0 ? EAGAIN : File.Ioctl(DRM_IOCTL_I915_GEM_SET_DOMAIN, ref request);
    }

    private int GetResetStats(ref DrmI915ResetStats request) => request.Flags != 0 || request.Pad != 0 ? EINVAL
        : IsContext(request.CtxId) ? File.Ioctl(DRM_IOCTL_I915_GET_RESET_STATS, ref request)
        : ENOENT;

    private int CreateContext(ref DrmI915GemContextId request)
    {
        if (request.Pad != 0)
        {
            return EINVAL;
        }

        if (_contexts.Count >= Limits.MaxQueues)
        {
            return ENOSPC;
        }

        request.CtxId = 0;
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_CONTEXT_CREATE, ref request);
        if (error == 0)
        {
            ContextMade(request.CtxId);
        }

        return error;
    }

    private int DestroyContext(ref DrmI915GemContextId request)
    {
        if (request.Pad != 0)
        {
            return EINVAL;
        }

        int error = _contexts.Contains(request.CtxId) ? File.Ioctl(DRM_IOCTL_I915_GEM_CONTEXT_DESTROY, ref request) : ENOENT;
        if (error == 0)
        {
            _ = _contexts.Remove(request.CtxId);
            SetBanned(request.CtxId, false);
        }

        return error;
    }

    private int GetContextParam(ref DrmI915GemContextParam request)
    {
        if (!IsContext(request.CtxId))
        {
            return ENOENT;
        }

        if (request.Size != 0 || request.Param is not (I915_CONTEXT_PARAM_PRIORITY or I915_CONTEXT_PARAM_RECOVERABLE
            or I915_CONTEXT_PARAM_GTT_SIZE or I915_CONTEXT_PARAM_VM))
        {
            return EINVAL;
        }

        bool isSpace = request.Param == I915_CONTEXT_PARAM_VM;
        if (isSpace && _spaces.Count >= Limits.MaxAddressSpaces)
        {
            return ENOSPC;
        }

        request.Value = 0;
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM, ref request);
        if (error == 0 && isSpace)
        {
            // A name of the file's own for it, to be given back like one that was made.
            _ = _spaces.Add((uint)request.Value);
        }

        return error;
    }

    private int SetContextParam(ref DrmI915GemContextParam request) => !IsContext(request.CtxId) ? ENOENT
        : request.Size != 0 || request.Param is not (I915_CONTEXT_PARAM_PRIORITY or I915_CONTEXT_PARAM_RECOVERABLE or I915_CONTEXT_PARAM_VM) ? EINVAL
        : CheckContextParam(request) is var error and not 0 ? error
        : File.Ioctl(DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM, ref request);

    private int CreateSpace(ref DrmI915GemVmControl request)
    {
        if (request.Extensions != 0 || request.Flags != 0)
        {
            return EINVAL;
        }

        if (_spaces.Count >= Limits.MaxAddressSpaces)
        {
            return ENOSPC;
        }

        request.VmId = 0;
        int error = File.Ioctl(DRM_IOCTL_I915_GEM_VM_CREATE, ref request);
        if (error == 0)
        {
            _ = _spaces.Add(request.VmId);
        }

        return error;
    }

    private int DestroySpace(ref DrmI915GemVmControl request)
    {
        if (request.Extensions != 0 || request.Flags != 0)
        {
            return EINVAL;
        }

        int error = _spaces.Contains(request.VmId) ? File.Ioctl(DRM_IOCTL_I915_GEM_VM_DESTROY, ref request) : ENOENT;
        if (error == 0)
        {
            _ = _spaces.Remove(request.VmId);
        }

        return error;
    }
}
