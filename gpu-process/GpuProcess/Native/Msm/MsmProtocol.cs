using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;

namespace SplitVmm.GpuProcess.Native.Msm;

/// <summary>Commands of the native context for Qualcomm's GPUs (<c>msm_proto.h</c>, wire format 2).</summary>
internal enum MsmCcmd : uint
{
    MSM_CCMD_NOP = 1,
    MSM_CCMD_IOCTL_SIMPLE = 2,
    MSM_CCMD_GEM_NEW = 3,
    MSM_CCMD_GEM_SET_IOVA = 4,
    MSM_CCMD_GEM_CPU_PREP = 5,
    MSM_CCMD_GEM_SET_NAME = 6,
    MSM_CCMD_GEM_SUBMIT = 7,
    MSM_CCMD_GEM_UPLOAD = 8,
    MSM_CCMD_SUBMITQUEUE_QUERY = 9,
    MSM_CCMD_WAIT_FENCE = 10,
    MSM_CCMD_SET_DEBUGINFO = 11,
}

/// <summary>The driver's part of <c>struct virgl_renderer_capset_drm</c>, behind the fixed one.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct MsmCapset
{
    /// <summary>Of a word that an older host has not: 0 says nothing.</summary>
    public const uint VIRTGPU_CAP_BOOL_FALSE = uint.MaxValue;
    public const uint VIRTGPU_CAP_BOOL_TRUE = 1;

    [FieldOffset(0)] public uint HasCachedCoherent;
    [FieldOffset(4)] public uint Priorities;
    [FieldOffset(8)] public ulong VaStart;
    [FieldOffset(16)] public ulong VaSize;
    [FieldOffset(24)] public uint GpuId;
    [FieldOffset(28)] public uint GmemSize;
    [FieldOffset(32)] public ulong GmemBase;
    [FieldOffset(40)] public ulong ChipId;
    [FieldOffset(48)] public uint MaxFreq;
    [FieldOffset(52)] public uint HighestBankBit;
    [FieldOffset(56)] public ulong UbwcSwizzle;
    [FieldOffset(64)] public ulong MacrotileMode;
    [FieldOffset(72)] public uint HasRaytracing;
    [FieldOffset(76)] public uint HasPreemption;
    [FieldOffset(80)] public ulong UcheTrapBase;
}

/// <summary><c>struct msm_shmem</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct MsmShmem
{
    [FieldOffset(0)] public VdrmShmem Base;
    [FieldOffset(8)] public uint AsyncError;

    /// <summary>MSM_PARAM_FAULTS.</summary>
    [FieldOffset(12)] public uint GlobalFaults;
}

/// <summary><c>struct msm_ccmd_ioctl_simple_req</c>, followed by the ioctl's argument.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct MsmCcmdIoctlSimpleReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint Cmd;
}

/// <summary>
/// An answer that begins with what the ioctl returned: <c>struct msm_ccmd_ioctl_simple_rsp</c>, <c>…gem_cpu_prep_rsp</c> and
/// <c>…wait_fence_rsp</c>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct MsmCcmdRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Hdr;
    [FieldOffset(4)] public int Ret;
}

/// <summary><c>struct msm_ccmd_gem_new_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct MsmCcmdGemNewReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Iova;
    [FieldOffset(24)] public ulong Size;
    [FieldOffset(32)] public uint Flags;
    [FieldOffset(36)] public uint BlobId;
}

/// <summary><c>struct msm_ccmd_gem_set_iova_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct MsmCcmdGemSetIovaReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;

    /// <summary>0: nowhere any more.</summary>
    [FieldOffset(16)] public ulong Iova;
    [FieldOffset(24)] public uint ResId;
    [FieldOffset(28)] public uint Pad;
}

/// <summary><c>struct msm_ccmd_gem_cpu_prep_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct MsmCcmdGemCpuPrepReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint ResId;
    [FieldOffset(20)] public uint Op;
}

/// <summary><c>struct msm_ccmd_gem_set_name_req</c>, followed by the name.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct MsmCcmdGemSetNameReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint ResId;
    [FieldOffset(20)] public uint Len;
}

/// <summary>
/// <c>struct msm_ccmd_gem_submit_req</c>, followed by <see cref="NrBos"/> <see cref="DrmMsmGemSubmitBo"/>, whose handles are
/// ids of resources, and <see cref="NrCmds"/> <see cref="DrmMsmGemSubmitCmd"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 36)]
internal struct MsmCcmdGemSubmitReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint Flags;
    [FieldOffset(20)] public uint QueueId;
    [FieldOffset(24)] public uint NrBos;
    [FieldOffset(28)] public uint NrCmds;

    /// <summary>The number that the guest gives the submission's fence.</summary>
    [FieldOffset(32)] public uint Fence;
}

/// <summary><c>struct msm_ccmd_gem_upload_req</c>, followed by the bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct MsmCcmdGemUploadReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint ResId;
    [FieldOffset(20)] public uint Pad;
    [FieldOffset(24)] public uint Off;
    [FieldOffset(28)] public uint Len;
}

/// <summary><c>struct msm_ccmd_submitqueue_query_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 28)]
internal struct MsmCcmdSubmitqueueQueryReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint QueueId;
    [FieldOffset(20)] public uint Param;

    /// <summary>Bytes of the answer's tail.</summary>
    [FieldOffset(24)] public uint Len;
}

/// <summary><c>struct msm_ccmd_submitqueue_query_rsp</c>, followed by the value.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct MsmCcmdSubmitqueueQueryRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Hdr;
    [FieldOffset(4)] public int Ret;
    [FieldOffset(8)] public uint OutLen;
}

/// <summary><c>struct msm_ccmd_wait_fence_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct MsmCcmdWaitFenceReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint QueueId;
    [FieldOffset(20)] public uint Fence;
}

/// <summary><c>struct msm_ccmd_set_debuginfo_req</c>, followed by the two names.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct MsmCcmdSetDebuginfoReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint CommLen;
    [FieldOffset(20)] public uint CmdlineLen;
}
