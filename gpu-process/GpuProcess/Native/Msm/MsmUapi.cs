using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Msm;

/// <summary>The kernel's driver of Qualcomm's GPUs, as far as it is used here (<c>drm/msm_drm.h</c>, version 1.9 and newer).</summary>
internal static class MsmUapi
{
    public const uint DRM_IOCTL_MSM_GET_PARAM = 0xC018_6440;
    public const uint DRM_IOCTL_MSM_GEM_NEW = 0xC010_6442;
    public const uint DRM_IOCTL_MSM_GEM_INFO = 0xC018_6443;
    public const uint DRM_IOCTL_MSM_GEM_CPU_PREP = 0x4018_6444;
    public const uint DRM_IOCTL_MSM_GEM_SUBMIT = 0xC048_6446;
    public const uint DRM_IOCTL_MSM_WAIT_FENCE = 0x4020_6447;
    public const uint DRM_IOCTL_MSM_SUBMITQUEUE_NEW = 0xC00C_644A;
    public const uint DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE = 0x4004_644B;
    public const uint DRM_IOCTL_MSM_SUBMITQUEUE_QUERY = 0x4018_644C;

    public const uint MSM_PIPE_3D0 = 0x10;

    public const uint MSM_PARAM_GPU_ID = 0x01;
    public const uint MSM_PARAM_GMEM_SIZE = 0x02;
    public const uint MSM_PARAM_CHIP_ID = 0x03;
    public const uint MSM_PARAM_MAX_FREQ = 0x04;
    public const uint MSM_PARAM_GMEM_BASE = 0x06;
    public const uint MSM_PARAM_PRIORITIES = 0x07;
    public const uint MSM_PARAM_FAULTS = 0x09;
    public const uint MSM_PARAM_SUSPENDS = 0x0a;

    /// <summary>From here to <see cref="MSM_PARAM_CMDLINE"/> are those that are written.</summary>
    public const uint MSM_PARAM_SYSPROF = 0x0b;
    public const uint MSM_PARAM_CMDLINE = 0x0d;
    public const uint MSM_PARAM_VA_START = 0x0e;
    public const uint MSM_PARAM_VA_SIZE = 0x0f;
    public const uint MSM_PARAM_HIGHEST_BANK_BIT = 0x10;
    public const uint MSM_PARAM_RAYTRACING = 0x11;
    public const uint MSM_PARAM_UBWC_SWIZZLE = 0x12;
    public const uint MSM_PARAM_MACROTILE_MODE = 0x13;
    public const uint MSM_PARAM_UCHE_TRAP_BASE = 0x14;

    public const uint MSM_BO_SCANOUT = 0x0000_0001;
    public const uint MSM_BO_GPU_READONLY = 0x0000_0002;
    public const uint MSM_BO_CACHE_MASK = 0x000f_0000;
    public const uint MSM_BO_CACHED_COHERENT = 0x0008_0000;
    public const uint MSM_BO_FLAGS = MSM_BO_SCANOUT | MSM_BO_GPU_READONLY | MSM_BO_CACHE_MASK;

    public const uint MSM_INFO_SET_NAME = 0x02;
    public const uint MSM_INFO_SET_IOVA = 0x04;

    /// <summary>The longest name of an object, its end included.</summary>
    public const uint MaxName = 32;

    public const uint MSM_PREP_READ = 1;
    public const uint MSM_PREP_WRITE = 2;
    public const uint MSM_PREP_NOSYNC = 4;

    public const uint MSM_SUBMIT_CMD_BUF = 1;
    public const uint MSM_SUBMIT_CMD_CTX_RESTORE_BUF = 3;

    /// <summary>All flags of an object in a submission: read, write, dump, no implicit fences.</summary>
    public const uint MSM_SUBMIT_BO_FLAGS = 0xF;

    public const uint MSM_SUBMIT_NO_IMPLICIT = 0x8000_0000;
    public const uint MSM_SUBMIT_FENCE_FD_OUT = 0x2000_0000;
    public const uint MSM_SUBMIT_FENCE_SN_IN = 0x0200_0000;

    public const uint MSM_SUBMITQUEUE_ALLOW_PREEMPT = 1;
    public const uint MSM_SUBMITQUEUE_PARAM_FAULTS = 0;

    /// <summary>The first minor version in which a submission's fence has the number that user space gives it.</summary>
    public const uint MinorWithFenceNumbers = 9;
}

/// <summary><c>struct drm_msm_param</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmMsmParam
{
    [FieldOffset(0)] public uint Pipe;
    [FieldOffset(4)] public uint Param;
    [FieldOffset(8)] public ulong Value;
    [FieldOffset(16)] public uint Len;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct drm_msm_gem_new</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmMsmGemNew
{
    [FieldOffset(0)] public ulong Size;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(12)] public uint Handle;
}

/// <summary><c>struct drm_msm_gem_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmMsmGemInfo
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Info;
    [FieldOffset(8)] public ulong Value;
    [FieldOffset(16)] public uint Len;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct drm_msm_timespec</c>, of the monotonic clock.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmMsmTimespec
{
    [FieldOffset(0)] public long TvSec;
    [FieldOffset(8)] public long TvNsec;
}

/// <summary><c>struct drm_msm_gem_cpu_prep</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmMsmGemCpuPrep
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Op;
    [FieldOffset(8)] public DrmMsmTimespec Timeout;
}

/// <summary><c>struct drm_msm_gem_submit_cmd</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmMsmGemSubmitCmd
{
    [FieldOffset(0)] public uint Type;

    /// <summary>Which of the submission's objects.</summary>
    [FieldOffset(4)] public uint SubmitIdx;
    [FieldOffset(8)] public uint SubmitOffset;
    [FieldOffset(12)] public uint Size;
    [FieldOffset(16)] public uint Pad;
    [FieldOffset(20)] public uint NrRelocs;
    [FieldOffset(24)] public ulong Relocs;
}

/// <summary><c>struct drm_msm_gem_submit_bo</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmMsmGemSubmitBo
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint Handle;
    [FieldOffset(8)] public ulong Presumed;
}

/// <summary><c>struct drm_msm_gem_submit</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct DrmMsmGemSubmit
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint Fence;
    [FieldOffset(8)] public uint NrBos;
    [FieldOffset(12)] public uint NrCmds;
    [FieldOffset(16)] public ulong Bos;
    [FieldOffset(24)] public ulong Cmds;
    [FieldOffset(32)] public int FenceFd;
    [FieldOffset(36)] public uint Queueid;
    [FieldOffset(40)] public ulong InSyncobjs;
    [FieldOffset(48)] public ulong OutSyncobjs;
    [FieldOffset(56)] public uint NrInSyncobjs;
    [FieldOffset(60)] public uint NrOutSyncobjs;
    [FieldOffset(64)] public uint SyncobjStride;
    [FieldOffset(68)] public uint Pad;
}

/// <summary><c>struct drm_msm_wait_fence</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmMsmWaitFence
{
    [FieldOffset(0)] public uint Fence;
    [FieldOffset(4)] public uint Flags;

    /// <summary>A moment, not a time; one that has passed: do not wait.</summary>
    [FieldOffset(8)] public DrmMsmTimespec Timeout;
    [FieldOffset(24)] public uint Queueid;
}

/// <summary><c>struct drm_msm_submitqueue</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct DrmMsmSubmitqueue
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint Prio;
    [FieldOffset(8)] public uint Id;
}

/// <summary><c>struct drm_msm_submitqueue_query</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmMsmSubmitqueueQuery
{
    [FieldOffset(0)] public ulong Data;
    [FieldOffset(8)] public uint Id;
    [FieldOffset(12)] public uint Param;
    [FieldOffset(16)] public uint Len;
    [FieldOffset(20)] public uint Pad;
}
