using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;

namespace SplitVmm.GpuProcess.Native.I915;

/// <summary>Commands of the native context for Intel's GPUs (<c>i915_proto.h</c>, wire format 1). Errors in answers are positive.</summary>
internal enum I915Ccmd : uint
{
    I915_CCMD_IOCTL_SIMPLE = 1,
    I915_CCMD_GETPARAM = 2,
    I915_CCMD_QUERYPARAM = 3,
    I915_CCMD_GEM_CREATE = 4,
    I915_CCMD_GEM_CREATE_EXT = 5,
    I915_CCMD_GEM_CONTEXT_CREATE = 6,
    I915_CCMD_GEM_EXECBUFFER2 = 7,
    I915_CCMD_GEM_SET_MMAP_MODE = 8,
    I915_CCMD_GEM_BUSY = 9,
}

/// <summary>The driver's part of <c>struct virgl_renderer_capset_drm</c>, behind the fixed one.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct I915Capset
{
    [FieldOffset(0)] public uint PciBus;
    [FieldOffset(4)] public uint PciDev;
    [FieldOffset(8)] public uint PciFunc;
    [FieldOffset(12)] public uint PciRevisionId;
    [FieldOffset(16)] public uint PciDomain;
    [FieldOffset(20)] public uint PciDeviceId;
}

/// <summary><c>struct i915_shmem</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct I915Shmem
{
    [FieldOffset(0)] public VdrmShmem Base;

    /// <summary>Bit n: the kernel executes nothing more of its context n.</summary>
    [FieldOffset(8)] public ulong BannedCtxMask;
}

/// <summary><c>struct i915_ccmd_ioctl_simple_req</c>, followed by the ioctl's argument.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct I915CcmdIoctlSimpleReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint Cmd;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct i915_ccmd_getparam_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct I915CcmdGetparamReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint Param;
    [FieldOffset(20)] public uint Value;
}

/// <summary>
/// An answer with a word behind the error: <c>struct i915_ccmd_getparam_rsp</c>, <c>…queryparam_rsp</c>, which the data follow,
/// <c>…gem_context_create_rsp</c> and <c>…gem_busy_rsp</c>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct I915CcmdWordRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Hdr;
    [FieldOffset(4)] public uint Pad;
    [FieldOffset(8)] public int Ret;

    /// <summary><c>value</c>, <c>length</c>, <c>ctx_id</c> or <c>busy</c>.</summary>
    [FieldOffset(12)] public uint Value;
}

/// <summary><c>struct i915_ccmd_queryparam_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct I915CcmdQueryparamReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint QueryId;

    /// <summary>Bytes of data; 0: only how many there are.</summary>
    [FieldOffset(20)] public uint Length;
    [FieldOffset(24)] public uint Flags;
    [FieldOffset(28)] public uint Pad;
}

/// <summary><c>struct i915_ccmd_gem_context_create_req</c>, followed by parameters, each with its data.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct I915CcmdGemContextCreateReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint Flags;
    [FieldOffset(20)] public uint ParamsSize;
}

/// <summary><c>struct i915_ccmd_gem_create_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct I915CcmdGemCreateReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Size;
    [FieldOffset(24)] public uint BlobId;
    [FieldOffset(28)] public uint Pad;
}

/// <summary><c>struct i915_ccmd_gem_create_ext_req</c>, followed by extensions, each with its data.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct I915CcmdGemCreateExtReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Size;
    [FieldOffset(24)] public uint BlobId;
    [FieldOffset(28)] public uint GemFlags;
    [FieldOffset(32)] public uint ExtSize;
    [FieldOffset(36)] public uint Pad;
}

/// <summary>
/// <c>struct i915_ccmd_gem_execbuffer2_req</c>, followed by <see cref="BufferCount"/> <see cref="DrmI915GemExecObject2"/>, whose
/// handles are ids of resources, and the relocations of all of them.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct I915CcmdGemExecbuffer2Req
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Flags;
    [FieldOffset(24)] public ulong ContextId;
    [FieldOffset(32)] public uint BufferCount;
    [FieldOffset(36)] public uint BatchStartOffset;
    [FieldOffset(40)] public uint BatchLen;
    [FieldOffset(44)] public uint RelocsCount;
}

/// <summary><c>struct i915_ccmd_gem_set_mmap_mode_req</c>, and <c>…gem_busy_req</c> with no flags.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct I915CcmdGemReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint ResId;
    [FieldOffset(20)] public uint Flags;
}
