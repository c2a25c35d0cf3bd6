using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// <c>struct vdrm_shmem</c>, the beginning of the page that host and guest share (<c>drm_hw.h</c> of virglrenderer and
/// Mesa). A driver's own fields follow, and then the answers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct VdrmShmem
{
    /// <summary>Of the last command that the host has carried out.</summary>
    [FieldOffset(0)] public uint Seqno;

    /// <summary>Where the answers begin; by it the guest knows which fields the host has.</summary>
    [FieldOffset(4)] public uint RspMemOffset;
}

/// <summary><c>struct vdrm_ccmd_req</c>: what each command begins with.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct VdrmCcmdReq
{
    [FieldOffset(0)] public uint Cmd;

    /// <summary>Bytes, this header included.</summary>
    [FieldOffset(4)] public uint Len;

    [FieldOffset(8)] public uint Seqno;

    /// <summary>Where the answer goes, from the beginning of the answers.</summary>
    [FieldOffset(12)] public uint RspOff;
}

/// <summary><c>struct vdrm_ccmd_rsp</c>: what each answer begins with.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4)]
internal struct VdrmCcmdRsp
{
    /// <summary>Bytes; the guest says how much room there is, the host how much of it is used.</summary>
    [FieldOffset(0)] public uint Len;
}

/// <summary>
/// An answer that says how it went: <c>struct asahi_ccmd_ioctl_simple_rsp</c>, <c>struct i915_ccmd_ioctl_simple_rsp</c> (both followed by
/// the argument if the kernel writes it) and <c>struct i915_ccmd_gem_execbuffer2_rsp</c>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct VdrmResultRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Hdr;
    [FieldOffset(4)] public int Ret;
}
