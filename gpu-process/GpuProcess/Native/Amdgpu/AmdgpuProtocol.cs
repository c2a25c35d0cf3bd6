using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;

namespace SplitVmm.GpuProcess.Native.Amdgpu;

/// <summary>Commands of the native context for AMD's GPUs (<c>amdgpu_virtio_proto.h</c>).</summary>
internal enum AmdgpuCcmd : uint
{
    AMDGPU_CCMD_QUERY_INFO = 1,
    AMDGPU_CCMD_GEM_NEW = 2,
    AMDGPU_CCMD_BO_VA_OP = 3,
    AMDGPU_CCMD_CS_SUBMIT = 4,
    AMDGPU_CCMD_SET_METADATA = 5,
    AMDGPU_CCMD_BO_QUERY_INFO = 6,
    AMDGPU_CCMD_CREATE_CTX = 7,
    AMDGPU_CCMD_RESERVE_VMID = 8,
    AMDGPU_CCMD_SET_PSTATE = 9,
    AMDGPU_CCMD_CS_QUERY_FENCE_STATUS = 10,
}

/// <summary>The driver's part of <c>struct virgl_renderer_capset_drm</c>, behind the fixed one.</summary>
[StructLayout(LayoutKind.Explicit, Size = 568)]
internal unsafe struct AmdgpuCapset
{
    public const uint HasVmAlwaysValid = 1;
    public const int NameSize = 128;

    /// <summary>The upper half of the addresses of what shaders name by 32 bits.</summary>
    [FieldOffset(0)] public uint Address32Hi;

    /// <summary>Bits.</summary>
    [FieldOffset(4)] public uint Flags;

    /// <summary><c>struct amdgpu_buffer_size_alignments</c> of libdrm.</summary>
    [FieldOffset(8)] public ulong SizeLocal;
    [FieldOffset(16)] public ulong SizeRemote;
    [FieldOffset(24)] public AmdgpuGpuInfo GpuInfo;
    [FieldOffset(440)] public fixed byte MarketingName[NameSize];
}

/// <summary><c>struct amdgpu_gpu_info</c> of libdrm, up to version 2.4.124; what is left out there is zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = 416)]
internal unsafe struct AmdgpuGpuInfo
{
    [FieldOffset(0)] public uint AsicId;
    [FieldOffset(4)] public uint ChipRev;
    [FieldOffset(8)] public uint ChipExternalRev;
    [FieldOffset(12)] public uint FamilyId;
    [FieldOffset(16)] public ulong IdsFlags;
    [FieldOffset(24)] public ulong MaxEngineClk;
    [FieldOffset(32)] public ulong MaxMemoryClk;
    [FieldOffset(40)] public uint NumShaderEngines;
    [FieldOffset(44)] public uint NumShaderArraysPerEngine;
    [FieldOffset(60)] public uint NumHwGfxContexts;
    [FieldOffset(64)] public uint RbPipes;
    [FieldOffset(68)] public uint EnabledRbPipesMask;
    [FieldOffset(72)] public uint GpuCounterFreq;
    [FieldOffset(76)] public fixed uint BackendDisable[4];
    [FieldOffset(92)] public uint McArbRamcfg;
    [FieldOffset(96)] public uint GbAddrCfg;
    [FieldOffset(100)] public fixed uint GbTileMode[32];
    [FieldOffset(228)] public fixed uint GbMacroTileMode[16];
    [FieldOffset(292)] public fixed uint PaScRasterCfg[4];
    [FieldOffset(308)] public fixed uint PaScRasterCfg1[4];
    [FieldOffset(324)] public uint CuActiveNumber;
    [FieldOffset(328)] public uint CuAoMask;
    [FieldOffset(332)] public fixed uint CuBitmap[16];
    [FieldOffset(396)] public uint VramType;
    [FieldOffset(400)] public uint VramBitWidth;
    [FieldOffset(404)] public uint CeRamSize;
    [FieldOffset(408)] public uint VceHarvestConfig;
    [FieldOffset(412)] public uint PciRevId;
}

/// <summary><c>struct amdgpu_heap_info</c> of libdrm.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct AmdgpuHeapInfo
{
    [FieldOffset(0)] public ulong HeapSize;
    [FieldOffset(8)] public ulong HeapUsage;
    [FieldOffset(16)] public ulong MaxAllocation;
}

/// <summary><c>struct amdvgpu_shmem</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct AmdvgpuShmem
{
    [FieldOffset(0)] public VdrmShmem Base;

    /// <summary>Commands without an answer that failed; the guest takes its context for lost then.</summary>
    [FieldOffset(8)] public uint AsyncError;
    [FieldOffset(12)] public uint Pad;
    [FieldOffset(16)] public AmdgpuHeapInfo Gtt;
    [FieldOffset(40)] public AmdgpuHeapInfo Vram;
    [FieldOffset(64)] public AmdgpuHeapInfo VisVram;
}

/// <summary><c>struct amdgpu_ccmd_rsp</c>; that of QUERY_INFO is followed by the data.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct AmdgpuCcmdRsp
{
    [FieldOffset(0)] public VdrmCcmdRsp Base;
    [FieldOffset(4)] public int Ret;
}

/// <summary>
/// An answer with a word behind the error: <c>struct amdgpu_ccmd_create_ctx_rsp</c>, <c>…set_pstate_rsp</c> and
/// <c>…cs_query_fence_status_rsp</c>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct AmdgpuCcmdWordRsp
{
    [FieldOffset(0)] public AmdgpuCcmdRsp Hdr;

    /// <summary><c>ctx_id</c>, <c>out_flags</c> or <c>expired</c>.</summary>
    [FieldOffset(8)] public uint Value;
    [FieldOffset(12)] public uint Pad;
}

/// <summary><c>struct amdgpu_ccmd_query_info_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct AmdgpuCcmdQueryInfoReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;

    /// <summary>Its pointer means nothing.</summary>
    [FieldOffset(16)] public DrmAmdgpuInfo Info;
}

/// <summary><c>struct amdgpu_ccmd_gem_new_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct AmdgpuCcmdGemNewReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong BlobId;
    [FieldOffset(24)] public ulong AllocSize;
    [FieldOffset(32)] public ulong PhysAlignment;

    /// <summary>AMDGPU_GEM_DOMAIN_*.</summary>
    [FieldOffset(40)] public uint PreferredHeap;
    [FieldOffset(44)] public uint Pad;

    /// <summary>AMDGPU_GEM_CREATE_*.</summary>
    [FieldOffset(48)] public ulong Flags;
}

/// <summary><c>struct amdgpu_ccmd_bo_va_op_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct AmdgpuCcmdBoVaOpReq
{
    public const ulong AMDGPU_CCMD_BO_VA_OP_SPARSE_BO = 1;

    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Va;
    [FieldOffset(24)] public ulong VmMapSize;

    /// <summary>AMDGPU_VM_PAGE_*.</summary>
    [FieldOffset(32)] public ulong Flags;
    [FieldOffset(40)] public ulong Flags2;
    [FieldOffset(48)] public ulong Offset;
    [FieldOffset(56)] public uint ResId;

    /// <summary>AMDGPU_VA_OP_*.</summary>
    [FieldOffset(60)] public uint Op;
}

/// <summary>
/// <c>struct amdgpu_ccmd_cs_submit_req</c>, followed by <see cref="NumChunks"/> <see cref="AmdgpuCsChunkDescriptor"/> and what
/// these describe.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct AmdgpuCcmdCsSubmitReq
{
    /// <summary>AMDGPU_CCMD_CS_SUBMIT_MAX_NUM_CHUNKS.</summary>
    public const uint MaxChunks = 128;

    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint CtxId;
    [FieldOffset(20)] public uint NumChunks;

    /// <summary>Not looked at: older guests have the number of objects here, which the chunk's length says.</summary>
    [FieldOffset(24)] public uint Pad;
    [FieldOffset(28)] public uint RingIdx;
}

/// <summary>Where a chunk of a submission is.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct AmdgpuCsChunkDescriptor
{
    [FieldOffset(0)] public ushort ChunkId;
    [FieldOffset(2)] public ushort LengthDw;

    /// <summary>Bytes from the end of the descriptors.</summary>
    [FieldOffset(4)] public uint Offset;
}

/// <summary><c>struct amdgpu_ccmd_set_metadata_req</c>, followed by <see cref="SizeMetadata"/> bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct AmdgpuCcmdSetMetadataReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Flags;
    [FieldOffset(24)] public ulong TilingInfo;
    [FieldOffset(32)] public uint ResId;
    [FieldOffset(36)] public uint SizeMetadata;
}

/// <summary><c>struct amdgpu_ccmd_bo_query_info_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct AmdgpuCcmdBoQueryInfoReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint ResId;
    [FieldOffset(20)] public uint Pad;
}

/// <summary><c>struct amdgpu_ccmd_bo_query_info_rsp</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 320)]
internal unsafe struct AmdgpuCcmdBoQueryInfoRsp
{
    [FieldOffset(0)] public AmdgpuCcmdRsp Hdr;
    [FieldOffset(8)] public ulong AllocSize;
    [FieldOffset(16)] public ulong PhysAlignment;
    [FieldOffset(24)] public uint PreferredHeap;
    [FieldOffset(32)] public ulong AllocFlags;
    [FieldOffset(40)] public ulong MetadataFlags;
    [FieldOffset(48)] public ulong TilingInfo;
    [FieldOffset(56)] public uint SizeMetadata;
    [FieldOffset(60)] public fixed byte UmdMetadata[AmdgpuUapi.MaxMetadata];
}

/// <summary><c>struct amdgpu_ccmd_create_ctx_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct AmdgpuCcmdCreateCtxReq
{
    public const uint AMDGPU_CCMD_CREATE_CTX_DESTROY = 1;

    [FieldOffset(0)] public VdrmCcmdReq Hdr;

    /// <summary>Of a context that is made.</summary>
    [FieldOffset(16)] public int Priority;

    /// <summary>Of a context that is destroyed.</summary>
    [FieldOffset(16)] public uint Id;
    [FieldOffset(20)] public uint Flags;
}

/// <summary><c>struct amdgpu_ccmd_reserve_vmid_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct AmdgpuCcmdReserveVmidReq
{
    public const ulong AMDGPU_CCMD_RESERVE_VMID_UNRESERVE = 1;

    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public ulong Flags;
}

/// <summary><c>struct amdgpu_ccmd_set_pstate_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct AmdgpuCcmdSetPstateReq
{
    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint CtxId;
    [FieldOffset(20)] public uint Op;
    [FieldOffset(24)] public uint Flags;
    [FieldOffset(28)] public uint Pad;
}

/// <summary><c>struct amdgpu_ccmd_cs_query_fence_status_req</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct AmdgpuCcmdCsQueryFenceStatusReq
{
    /// <summary>The only flag there is: how the time is meant, which is not looked at.</summary>
    public const ulong AMDGPU_QUERY_FENCE_TIMEOUT_IS_ABSOLUTE = 1;

    [FieldOffset(0)] public VdrmCcmdReq Hdr;
    [FieldOffset(16)] public uint CtxId;
    [FieldOffset(20)] public uint IpType;
    [FieldOffset(24)] public uint IpInstance;
    [FieldOffset(28)] public uint Ring;
    [FieldOffset(32)] public ulong Fence;
    [FieldOffset(40)] public ulong TimeoutNs;
    [FieldOffset(48)] public ulong Flags;
}
