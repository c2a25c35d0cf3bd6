using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>The kernel's driver of Apple's GPUs, as far as it is used here (<c>drm/asahi_drm.h</c>, Linux 6.16).</summary>
internal static class AsahiUapi
{
    public const uint DRM_IOCTL_ASAHI_GET_PARAMS = 0x4018_6440;
    public const uint DRM_IOCTL_ASAHI_GET_TIME = 0xC010_6441;
    public const uint DRM_IOCTL_ASAHI_VM_CREATE = 0xC018_6442;
    public const uint DRM_IOCTL_ASAHI_VM_DESTROY = 0x4008_6443;
    public const uint DRM_IOCTL_ASAHI_VM_BIND = 0x4018_6444;
    public const uint DRM_IOCTL_ASAHI_GEM_CREATE = 0xC018_6445;
    public const uint DRM_IOCTL_ASAHI_GEM_BIND_OBJECT = 0xC028_6447;
    public const uint DRM_IOCTL_ASAHI_QUEUE_CREATE = 0xC018_6448;
    public const uint DRM_IOCTL_ASAHI_QUEUE_DESTROY = 0x4008_6449;
    public const uint DRM_IOCTL_ASAHI_SUBMIT = 0x4028_644A;

    public const uint DRM_ASAHI_GEM_WRITEBACK = 1 << 0;
    public const uint DRM_ASAHI_GEM_VM_PRIVATE = 1 << 1;

    public const uint DRM_ASAHI_BIND_UNBIND = 1 << 0;
    public const uint DRM_ASAHI_BIND_READ = 1 << 1;
    public const uint DRM_ASAHI_BIND_WRITE = 1 << 2;
    public const uint DRM_ASAHI_BIND_SINGLE_PAGE = 1 << 3;

    public const uint DRM_ASAHI_BIND_OBJECT_OP_BIND = 0;
    public const uint DRM_ASAHI_BIND_OBJECT_OP_UNBIND = 1;
    public const uint DRM_ASAHI_BIND_OBJECT_USAGE_TIMESTAMPS = 1 << 0;

    public const uint DRM_ASAHI_PRIORITY_MEDIUM = 1;

    public const uint DRM_ASAHI_SYNC_SYNCOBJ = 0;

    public const ushort DRM_ASAHI_CMD_RENDER = 0;
    public const ushort DRM_ASAHI_CMD_COMPUTE = 1;
    public const ushort DRM_ASAHI_SET_COMPUTE_ATTACHMENTS = 4;

    /// <summary>Pages of these GPUs, and of their hosts.</summary>
    public const ulong PageSize = 16 << 10;

    /// <summary>Bytes of <c>struct drm_asahi_attachment</c>.</summary>
    public const int AttachmentSize = 24;

    /// <summary>Bytes of <c>struct drm_asahi_cmd_render</c>, and where its four timestamps begin.</summary>
    public const int RenderSize = 240;
    public const int RenderTimestamps = 208;

    /// <summary>Bytes of <c>struct drm_asahi_cmd_compute</c>, and where its two timestamps begin.</summary>
    public const int ComputeSize = 64;
    public const int ComputeTimestamps = 48;

    /// <summary>Bytes of <c>struct drm_asahi_timestamp</c>, which begins with the handle of a bound object or 0.</summary>
    public const int TimestampSize = 8;
}

/// <summary><c>struct drm_asahi_get_params</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAsahiGetParams
{
    [FieldOffset(0)] public uint ParamGroup;
    [FieldOffset(4)] public uint Pad;
    [FieldOffset(8)] public ulong Pointer;
    [FieldOffset(16)] public ulong Size;
}

/// <summary><c>struct drm_asahi_get_time</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmAsahiGetTime
{
    [FieldOffset(0)] public ulong Flags;
    [FieldOffset(8)] public ulong GpuTimestamp;
}

/// <summary><c>struct drm_asahi_vm_create</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAsahiVmCreate
{
    [FieldOffset(0)] public ulong KernelStart;
    [FieldOffset(8)] public ulong KernelEnd;
    [FieldOffset(16)] public uint VmId;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct drm_asahi_vm_destroy</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmAsahiVmDestroy
{
    [FieldOffset(0)] public uint VmId;
    [FieldOffset(4)] public uint Pad;
}

/// <summary><c>struct drm_asahi_gem_create</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAsahiGemCreate
{
    [FieldOffset(0)] public ulong Size;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(12)] public uint VmId;
    [FieldOffset(16)] public uint Handle;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct drm_asahi_gem_bind_op</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmAsahiGemBindOp
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint Handle;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong Range;
    [FieldOffset(24)] public ulong Addr;
}

/// <summary><c>struct drm_asahi_vm_bind</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAsahiVmBind
{
    [FieldOffset(0)] public uint VmId;
    [FieldOffset(4)] public uint NumBinds;
    [FieldOffset(8)] public uint Stride;
    [FieldOffset(12)] public uint Pad;
    [FieldOffset(16)] public ulong Userptr;
}

/// <summary><c>struct drm_asahi_gem_bind_object</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct DrmAsahiGemBindObject
{
    [FieldOffset(0)] public uint Op;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public uint Handle;
    [FieldOffset(12)] public uint VmId;
    [FieldOffset(16)] public ulong Offset;
    [FieldOffset(24)] public ulong Range;
    [FieldOffset(32)] public uint ObjectHandle;
    [FieldOffset(36)] public uint Pad;
}

/// <summary><c>struct drm_asahi_queue_create</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAsahiQueueCreate
{
    [FieldOffset(0)] public uint Flags;
    [FieldOffset(4)] public uint VmId;
    [FieldOffset(8)] public uint Priority;
    [FieldOffset(12)] public uint QueueId;
    [FieldOffset(16)] public ulong UscExecBase;
}

/// <summary><c>struct drm_asahi_queue_destroy</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmAsahiQueueDestroy
{
    [FieldOffset(0)] public uint QueueId;
    [FieldOffset(4)] public uint Pad;
}

/// <summary><c>struct drm_asahi_sync</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmAsahiSync
{
    [FieldOffset(0)] public uint SyncType;
    [FieldOffset(4)] public uint Handle;
    [FieldOffset(8)] public ulong TimelineValue;
}

/// <summary><c>struct drm_asahi_cmd_header</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmAsahiCmdHeader
{
    [FieldOffset(0)] public ushort CmdType;

    /// <summary>Bytes that follow.</summary>
    [FieldOffset(2)] public ushort Size;

    [FieldOffset(4)] public ushort VdmBarrier;
    [FieldOffset(6)] public ushort CdmBarrier;
}

/// <summary><c>struct drm_asahi_submit</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct DrmAsahiSubmit
{
    [FieldOffset(0)] public ulong Syncs;
    [FieldOffset(8)] public ulong Cmdbuf;
    [FieldOffset(16)] public uint Flags;
    [FieldOffset(20)] public uint QueueId;
    [FieldOffset(24)] public uint InSyncCount;
    [FieldOffset(28)] public uint OutSyncCount;
    [FieldOffset(32)] public uint CmdbufSize;
    [FieldOffset(36)] public uint Pad;
}
