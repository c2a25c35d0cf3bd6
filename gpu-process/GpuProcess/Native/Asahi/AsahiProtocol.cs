using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>Commands of the native context for Apple's GPUs (<c>asahi_proto.h</c>, wire format 2).</summary>
internal enum AsahiCcmd : uint
{
    ASAHI_CCMD_NOP = 1,
    ASAHI_CCMD_IOCTL_SIMPLE = 2,
    ASAHI_CCMD_GET_PARAMS = 3,
    ASAHI_CCMD_GEM_NEW = 4,
    ASAHI_CCMD_VM_BIND = 5,
    ASAHI_CCMD_SUBMIT = 6,
    ASAHI_CCMD_GEM_BIND_OBJECT = 7,
}

/// <summary><c>struct asahi_shmem</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct AsahiShmem
{
    [FieldOffset(0)] public VdrmShmem Base;

    /// <summary>Commands without an answer that failed; the guest takes its context for lost then.</summary>
    [FieldOffset(8)] public uint AsyncError;
    [FieldOffset(12)] public uint GlobalFaults;
}

/// <summary><c>struct asahi_ccmd_ioctl_simple_req</c>, followed by the ioctl's argument.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct AsahiCcmdIoctlSimpleReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;

    /// <summary>The number of the ioctl.</summary>
    [FieldOffset(16)] public uint Cmd;
}

/// <summary><c>struct asahi_ccmd_get_params_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct AsahiCcmdGetParamsReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public DrmAsahiGetParams Params;
}

/// <summary><c>struct asahi_ccmd_get_params_rsp</c>, followed by the parameters.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct AsahiCcmdGetParamsRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Hdr;
    [FieldOffset(4)] public int Ret;
}

/// <summary><c>struct asahi_ccmd_gem_new_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct AsahiCcmdGemNewReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;

    /// <summary>DRM_ASAHI_GEM_*.</summary>
    [FieldOffset(16)] public uint Flags;

    /// <summary>DRM_ASAHI_BIND_*.</summary>
    [FieldOffset(20)] public uint BindFlags;
    [FieldOffset(24)] public uint VmId;
    [FieldOffset(28)] public uint BlobId;
    [FieldOffset(32)] public ulong Size;

    /// <summary>Where to bind it; 0: nowhere.</summary>
    [FieldOffset(40)] public ulong Addr;
}

/// <summary><c>struct asahi_ccmd_vm_bind_req</c>, followed by <see cref="Count"/> <see cref="DrmAsahiGemBindOp"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 28)]
internal struct AsahiCcmdVmBindReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint VmId;

    /// <summary>Bytes of one, which an older guest knows shorter.</summary>
    [FieldOffset(20)] public uint Stride;
    [FieldOffset(24)] public uint Count;
}

/// <summary><c>struct asahi_ccmd_gem_bind_object_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct AsahiCcmdGemBindObjectReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;

    /// <summary>Its handle is the id of a resource.</summary>
    [FieldOffset(16)] public DrmAsahiGemBindObject Bind;
}

/// <summary><c>struct asahi_ccmd_gem_bind_object_rsp</c>; only binding has one.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct AsahiCcmdGemBindObjectRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Hdr;
    [FieldOffset(4)] public int Ret;
    [FieldOffset(8)] public uint ObjectHandle;
}

/// <summary><c>struct asahi_ccmd_submit_res</c>: a resource of others that work waits for, or that waits for work.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct AsahiCcmdSubmitRes
{
    public const uint ASAHI_EXTRES_READ = 1;
    public const uint ASAHI_EXTRES_WRITE = 2;

    [FieldOffset(0)] public uint ResId;
    [FieldOffset(4)] public uint Flags;
}

/// <summary>
/// <c>struct asahi_ccmd_submit_req</c>, followed by the command buffer and <see cref="ExtresCount"/>
/// <see cref="AsahiCcmdSubmitRes"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct AsahiCcmdSubmitReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint Flags;
    [FieldOffset(20)] public uint QueueId;
    [FieldOffset(24)] public uint CmdbufSize;
    [FieldOffset(28)] public uint ExtresCount;
}
