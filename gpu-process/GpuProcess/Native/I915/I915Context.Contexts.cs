using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>The kernel's contexts and address spaces.</summary>
internal sealed unsafe partial class I915Context
{
    /// <summary>Contexts that the mask of banned ones has a bit for.</summary>
    private const uint MaskBits = 64;

    private readonly HashSet<uint> _contexts = [];
    private readonly HashSet<uint> _spaces = [];
    private ulong _banned;

    /// <summary>Makes a context with parameters, whose chain is linked here.</summary>
    private int ContextCreate(in NativeCommand command)
    {
        I915CcmdGemContextCreateReq request = command.Read<I915CcmdGemContextCreateReq>();
        ReadOnlySpan<byte> tail = command.TailOf<I915CcmdGemContextCreateReq>();
        const uint Known = I915_CONTEXT_CREATE_FLAGS_USE_EXTENSIONS | I915_CONTEXT_CREATE_FLAGS_SINGLE_TIMELINE;
        if (request.ParamsSize != (uint)tail.Length || tail.Length > MaxChain || (request.Flags & ~Known) != 0)
        {
            return EINVAL;
        }

        Span<byte> chain = _chain.Take<byte>(tail.Length);
        tail.CopyTo(chain);
        int error = LinkParams(chain);
        if (error is not 0 and not EPERM)
        {
            return error;
        }

        if (!TryAnswer<I915CcmdWordRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        DrmI915GemContextCreateExt create = default;
        error = error != 0 ? error : _contexts.Count >= Limits.MaxQueues ? ENOSPC : 0;
        if (error == 0)
        {
            create.Flags = chain.Length == 0
                ? request.Flags & ~I915_CONTEXT_CREATE_FLAGS_USE_EXTENSIONS
                : request.Flags | I915_CONTEXT_CREATE_FLAGS_USE_EXTENSIONS;
            create.Extensions = chain.Length == 0 ? 0 : _chain.Address;
            error = File.Ioctl(DRM_IOCTL_I915_GEM_CONTEXT_CREATE_EXT, ref create);
        }

        if (error == 0)
        {
            ContextMade(create.CtxId);
        }

        return Answer(answer, error, error == 0 ? create.CtxId : 0);
    }

    /// <summary>Checks a chain of parameters, each with its data behind it, and links it.</summary>
    /// <returns>0; EPERM where the guest asks for more than guests get; else another errno.</returns>
    private int LinkParams(Span<byte> chain)
    {
        int at = 0;
        while (at < chain.Length)
        {
            Span<byte> rest = chain[at..];
            if (rest.Length < sizeof(DrmI915GemContextCreateExtSetparam))
            {
                return EINVAL;
            }

            DrmI915GemContextCreateExtSetparam one = MemoryMarshal.Read<DrmI915GemContextCreateExtSetparam>(rest);
            Span<byte> data = rest[sizeof(DrmI915GemContextCreateExtSetparam)..];
            if (one.Base.Name != I915_CONTEXT_CREATE_EXT_SETPARAM || !IsPlain(one.Base) || one.Param.CtxId != 0
                || one.Param.Size > (uint)data.Length || one.Param.Size % sizeof(uint) != 0)
            {
                return EINVAL;
            }

            data = data[..(int)one.Param.Size];
            int error = data.Length == 0 ? CheckContextParam(one.Param) : CheckContextData(one.Param, data);
            if (error != 0)
            {
                return error;
            }

            int next = at + sizeof(DrmI915GemContextCreateExtSetparam) + data.Length;
            one.Base.NextExtension = next < chain.Length ? _chain.Address + (ulong)next : 0;
            one.Param.Value = data.Length == 0
                ? one.Param.Value
                : _chain.Address + (ulong)(at + sizeof(DrmI915GemContextCreateExtSetparam));
            MemoryMarshal.Write(rest, one);
            at = next;
        }

        return 0;
    }

    /// <summary>A parameter whose value is the value.</summary>
    private int CheckContextParam(in DrmI915GemContextParam param) => param.Param switch
    {
        // Above the default are those that the host's desktop has before guests.
        I915_CONTEXT_PARAM_PRIORITY => (long)param.Value > 0 ? EPERM : 0,
        I915_CONTEXT_PARAM_VM => param.Value <= uint.MaxValue && _spaces.Contains((uint)param.Value) ? 0 : ENOENT,
        I915_CONTEXT_PARAM_NO_ERROR_CAPTURE or I915_CONTEXT_PARAM_BANNABLE or I915_CONTEXT_PARAM_RECOVERABLE
            or I915_CONTEXT_PARAM_PERSISTENCE or I915_CONTEXT_PARAM_PROTECTED_CONTENT => param.Value <= 1 ? 0 : EINVAL,
        // No engines at all.
        I915_CONTEXT_PARAM_ENGINES => param.Value == 0 ? 0 : EINVAL,
        _ => EINVAL,
    };

    /// <summary>A parameter with data, which must have no pointer of the guest's in it.</summary>
    private static int CheckContextData(in DrmI915GemContextParam param, ReadOnlySpan<byte> data) => param.Param switch
    {
        // Extensions, which would be pointers, and then the engines.
        I915_CONTEXT_PARAM_ENGINES => data.Length >= sizeof(ulong) && data.Length <= sizeof(ulong) + (MaxEngines * sizeof(uint))
            && BinaryPrimitives.ReadUInt64LittleEndian(data) == 0 ? 0 : EINVAL,
        I915_CONTEXT_PARAM_SSEU => data.Length == SseuSize ? 0 : EINVAL,
        _ => EINVAL,
    };

    private static bool IsPlain(in I915UserExtension link) => link.Flags == 0 && link.Rsvd0 == 0 && link.Rsvd1 == 0;

    /// <summary>Context 0 is the file's own.</summary>
    private bool IsContext(ulong id) => id == 0 || (id <= uint.MaxValue && _contexts.Contains((uint)id));

    private void ContextMade(uint id)
    {
        _ = _contexts.Add(id);
        SetBanned(id, false);
    }

    private void SetBanned(uint id, bool banned)
    {
        if (id < MaskBits)
        {
            ulong bit = 1UL << (int)id;
            _banned = banned ? _banned | bit : _banned & ~bit;
            Page?.WriteWord(8, (uint)_banned);
            Page?.WriteWord(12, (uint)(_banned >> 32));
        }
    }
}
