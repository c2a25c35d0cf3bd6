using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>The kernel's driver of Intel's GPUs, as far as it is used here (<c>drm/i915_drm.h</c>).</summary>
internal static class I915Uapi
{
    public const uint DRM_IOCTL_I915_GETPARAM = 0xC010_6446;
    public const uint DRM_IOCTL_I915_GEM_BUSY = 0xC008_6457;
    public const uint DRM_IOCTL_I915_GEM_CREATE = 0xC010_645B;
    public const uint DRM_IOCTL_I915_GEM_SET_DOMAIN = 0x400C_645F;
    public const uint DRM_IOCTL_I915_GEM_SET_TILING = 0xC010_6461;
    public const uint DRM_IOCTL_I915_GEM_GET_TILING = 0xC010_6462;
    public const uint DRM_IOCTL_I915_GEM_GET_APERTURE = 0x8010_6463;
    public const uint DRM_IOCTL_I915_GEM_EXECBUFFER2_WR = 0xC040_6469;
    public const uint DRM_IOCTL_I915_GEM_CONTEXT_CREATE = 0xC008_646D;
    public const uint DRM_IOCTL_I915_GEM_CONTEXT_CREATE_EXT = 0xC010_646D;
    public const uint DRM_IOCTL_I915_GEM_CONTEXT_DESTROY = 0x4008_646E;
    public const uint DRM_IOCTL_I915_REG_READ = 0xC010_6471;
    public const uint DRM_IOCTL_I915_GET_RESET_STATS = 0xC018_6472;
    public const uint DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM = 0xC018_6474;
    public const uint DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM = 0xC018_6475;
    public const uint DRM_IOCTL_I915_QUERY = 0xC010_6479;
    public const uint DRM_IOCTL_I915_GEM_VM_CREATE = 0xC010_647A;
    public const uint DRM_IOCTL_I915_GEM_VM_DESTROY = 0x4010_647B;
    public const uint DRM_IOCTL_I915_GEM_CREATE_EXT = 0xC018_647C;

    public const uint I915_PARAM_MMAP_GTT_VERSION = 40;

    /// <summary>The queries that have no pointer in their data: all but the one of performance configurations.</summary>
    public const uint DRM_I915_QUERY_TOPOLOGY_INFO = 1;
    public const uint DRM_I915_QUERY_ENGINE_INFO = 2;
    public const uint DRM_I915_QUERY_PERF_CONFIG = 3;
    public const uint DRM_I915_QUERY_MEMORY_REGIONS = 4;
    public const uint DRM_I915_QUERY_GUC_SUBMISSION_VERSION = 7;

    /// <summary>The register that user space may read: the render engine's timestamp. The lowest bits say how.</summary>
    public const ulong RCS_TIMESTAMP = 0x2358;
    public const ulong RegisterMode = 7;

    public const uint I915_TILING_LAST = 2;

    public const uint I915_GEM_CREATE_EXT_FLAG_NEEDS_CPU_ACCESS = 1;
    public const uint I915_GEM_CREATE_EXT_MEMORY_REGIONS = 0;
    public const uint I915_GEM_CREATE_EXT_PROTECTED_CONTENT = 1;
    public const uint I915_GEM_CREATE_EXT_SET_PAT = 2;

    public const ushort I915_MEMORY_CLASS_DEVICE = 1;

    public const uint I915_CONTEXT_CREATE_FLAGS_USE_EXTENSIONS = 1;
    public const uint I915_CONTEXT_CREATE_FLAGS_SINGLE_TIMELINE = 2;
    public const uint I915_CONTEXT_CREATE_EXT_SETPARAM = 0;

    public const ulong I915_CONTEXT_PARAM_GTT_SIZE = 3;
    public const ulong I915_CONTEXT_PARAM_NO_ERROR_CAPTURE = 4;
    public const ulong I915_CONTEXT_PARAM_BANNABLE = 5;
    public const ulong I915_CONTEXT_PARAM_PRIORITY = 6;
    public const ulong I915_CONTEXT_PARAM_SSEU = 7;
    public const ulong I915_CONTEXT_PARAM_RECOVERABLE = 8;
    public const ulong I915_CONTEXT_PARAM_VM = 9;
    public const ulong I915_CONTEXT_PARAM_ENGINES = 10;
    public const ulong I915_CONTEXT_PARAM_PERSISTENCE = 11;
    public const ulong I915_CONTEXT_PARAM_PROTECTED_CONTENT = 13;

    /// <summary>Bytes of <c>struct drm_i915_gem_context_param_sseu</c>.</summary>
    public const int SseuSize = 32;

    /// <summary>Engines of one context.</summary>
    public const int MaxEngines = 64;

    public const ulong I915_EXEC_RING_MASK = 0x3f;
    public const ulong I915_EXEC_CONSTANTS_MASK = 3 << 6;
    public const ulong I915_EXEC_GEN7_SOL_RESET = 1 << 8;
    public const ulong I915_EXEC_NO_RELOC = 1 << 11;
    public const ulong I915_EXEC_HANDLE_LUT = 1 << 12;
    public const ulong I915_EXEC_BSD_MASK = 3 << 13;
    public const ulong I915_EXEC_FENCE_OUT = 1 << 17;
    public const ulong I915_EXEC_BATCH_FIRST = 1 << 18;

    public const ulong EXEC_OBJECT_PAD_TO_SIZE = 1 << 5;

    /// <summary>All flags of an object in a submission.</summary>
    public const ulong ExecObjectFlags = 0xFF;

    public const uint I915_MMAP_OFFSET_GTT = 0;
    public const uint I915_MMAP_OFFSET_WC = 1;
    public const uint I915_MMAP_OFFSET_WB = 2;
    public const uint I915_MMAP_OFFSET_UC = 3;
    public const uint I915_MMAP_OFFSET_FIXED = 4;
}

/// <summary><c>struct drm_i915_getparam</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915Getparam
{
    [FieldOffset(0)] public int Param;
    [FieldOffset(8)] public ulong Value;
}

/// <summary><c>struct drm_i915_query_item</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmI915QueryItem
{
    [FieldOffset(0)] public ulong QueryId;
    [FieldOffset(8)] public int Length;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public ulong DataPtr;
}

/// <summary><c>struct drm_i915_query</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915Query
{
    [FieldOffset(0)] public uint NumItems;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public ulong ItemsPtr;
}

/// <summary><c>struct drm_i915_gem_create</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915GemCreate
{
    [FieldOffset(0)] public ulong Size;
    [FieldOffset(8)] public uint Handle;
    [FieldOffset(12)] public uint Pad;
}

/// <summary><c>struct drm_i915_gem_create_ext</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmI915GemCreateExt
{
    [FieldOffset(0)] public ulong Size;
    [FieldOffset(8)] public uint Handle;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public ulong Extensions;
}

/// <summary><c>struct i915_user_extension</c>: a link of a chain of structures.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct I915UserExtension
{
    [FieldOffset(0)] public ulong NextExtension;
    [FieldOffset(8)] public uint Name;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public ulong Rsvd0;
    [FieldOffset(24)] public ulong Rsvd1;
}

/// <summary><c>struct drm_i915_gem_create_ext_memory_regions</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct DrmI915GemCreateExtMemoryRegions
{
    [FieldOffset(0)] public I915UserExtension Base;
    [FieldOffset(32)] public uint Pad;
    [FieldOffset(36)] public uint NumRegions;
    [FieldOffset(40)] public ulong Regions;
}

/// <summary><c>struct drm_i915_gem_memory_class_instance</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4)]
internal struct DrmI915GemMemoryClassInstance
{
    [FieldOffset(0)] public ushort MemoryClass;
    [FieldOffset(2)] public ushort MemoryInstance;
}

/// <summary><c>struct drm_i915_gem_create_ext_protected_content</c> and <c>…_set_pat</c>: a word behind the link.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct DrmI915GemCreateExtWord
{
    [FieldOffset(0)] public I915UserExtension Base;

    /// <summary><c>flags</c>, or <c>pat_index</c>.</summary>
    [FieldOffset(32)] public uint Value;
    [FieldOffset(36)] public uint Rsvd;
}

/// <summary><c>struct drm_i915_gem_context_create</c>, and <c>…_destroy</c>, which is the same.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmI915GemContextId
{
    [FieldOffset(0)] public uint CtxId;
    [FieldOffset(4)] public uint Pad;
}

/// <summary><c>struct drm_i915_gem_context_create_ext</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915GemContextCreateExt
{
    [FieldOffset(0)] public uint CtxId;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public ulong Extensions;
}

/// <summary><c>struct drm_i915_gem_context_param</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmI915GemContextParam
{
    [FieldOffset(0)] public uint CtxId;

    /// <summary>Bytes at <see cref="Value"/>, where that is a pointer; else 0.</summary>
    [FieldOffset(4)] public uint Size;
    [FieldOffset(8)] public ulong Param;
    [FieldOffset(16)] public ulong Value;
}

/// <summary><c>struct drm_i915_gem_context_create_ext_setparam</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct DrmI915GemContextCreateExtSetparam
{
    [FieldOffset(0)] public I915UserExtension Base;
    [FieldOffset(32)] public DrmI915GemContextParam Param;
}

/// <summary><c>struct drm_i915_gem_exec_object2</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct DrmI915GemExecObject2
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint RelocationCount;
    [FieldOffset(8)] public ulong RelocsPtr;
    [FieldOffset(16)] public ulong Alignment;
    [FieldOffset(24)] public ulong Offset;
    [FieldOffset(32)] public ulong Flags;

    /// <summary><c>pad_to_size</c>, under the flag for it.</summary>
    [FieldOffset(40)] public ulong Rsvd1;
    [FieldOffset(48)] public ulong Rsvd2;
}

/// <summary><c>struct drm_i915_gem_relocation_entry</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmI915GemRelocationEntry
{
    /// <summary>A place in the list of objects, under I915_EXEC_HANDLE_LUT.</summary>
    [FieldOffset(0)] public uint TargetHandle;
    [FieldOffset(4)] public uint Delta;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong PresumedOffset;
    [FieldOffset(24)] public uint ReadDomains;
    [FieldOffset(28)] public uint WriteDomain;
}

/// <summary><c>struct drm_i915_gem_execbuffer2</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct DrmI915GemExecbuffer2
{
    [FieldOffset(0)] public ulong BuffersPtr;
    [FieldOffset(8)] public uint BufferCount;
    [FieldOffset(12)] public uint BatchStartOffset;
    [FieldOffset(16)] public uint BatchLen;
    [FieldOffset(20)] public uint DR1;
    [FieldOffset(24)] public uint DR4;
    [FieldOffset(28)] public uint NumCliprects;
    [FieldOffset(32)] public ulong CliprectsPtr;
    [FieldOffset(40)] public ulong Flags;

    /// <summary>The context.</summary>
    [FieldOffset(48)] public ulong Rsvd1;

    /// <summary>Out, in its upper half: the sync file.</summary>
    [FieldOffset(56)] public ulong Rsvd2;
}

/// <summary><c>struct drm_i915_gem_busy</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmI915GemBusy
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Busy;
}

/// <summary><c>struct drm_i915_gem_set_domain</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct DrmI915GemSetDomain
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint ReadDomains;
    [FieldOffset(8)] public uint WriteDomain;
}

/// <summary><c>struct drm_i915_gem_set_tiling</c>; <c>…_get_tiling</c> has two swizzles behind the mode.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915GemTiling
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint TilingMode;

    /// <summary><c>stride</c>; of getting, <c>swizzle_mode</c>.</summary>
    [FieldOffset(8)] public uint Stride;

    /// <summary><c>swizzle_mode</c>; of getting, <c>phys_swizzle_mode</c>.</summary>
    [FieldOffset(12)] public uint SwizzleMode;
}

/// <summary><c>struct drm_i915_gem_get_aperture</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915GemGetAperture
{
    [FieldOffset(0)] public ulong AperSize;
    [FieldOffset(8)] public ulong AperAvailableSize;
}

/// <summary><c>struct drm_i915_reg_read</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915RegRead
{
    [FieldOffset(0)] public ulong Offset;
    [FieldOffset(8)] public ulong Val;
}

/// <summary><c>struct drm_i915_reset_stats</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmI915ResetStats
{
    [FieldOffset(0)] public uint CtxId;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public uint ResetCount;
    [FieldOffset(12)] public uint BatchActive;
    [FieldOffset(16)] public uint BatchPending;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct drm_i915_gem_vm_control</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmI915GemVmControl
{
    [FieldOffset(0)] public ulong Extensions;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(12)] public uint VmId;
}
