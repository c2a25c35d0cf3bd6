using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Amdgpu;

/// <summary>The kernel's driver of AMD's GPUs, as far as it is used here (<c>drm/amdgpu_drm.h</c>).</summary>
internal static class AmdgpuUapi
{
    public const uint DRM_IOCTL_AMDGPU_GEM_CREATE = 0xC020_6440;
    public const uint DRM_IOCTL_AMDGPU_CTX = 0xC010_6442;
    public const uint DRM_IOCTL_AMDGPU_CS = 0xC018_6444;
    public const uint DRM_IOCTL_AMDGPU_INFO = 0x4020_6445;
    public const uint DRM_IOCTL_AMDGPU_GEM_METADATA = 0xC120_6446;

    /// <summary>Of the structure as it was before user queues, which newer kernels take too.</summary>
    public const uint DRM_IOCTL_AMDGPU_GEM_VA = 0x4028_6448;
    public const uint DRM_IOCTL_AMDGPU_WAIT_CS = 0xC020_6449;
    public const uint DRM_IOCTL_AMDGPU_GEM_OP = 0xC010_6450;
    public const uint DRM_IOCTL_AMDGPU_VM = 0xC008_6453;

    /// <summary>The first version whose submissions bring their list of objects along (AMDGPU_CHUNK_ID_BO_HANDLES).</summary>
    public const uint MajorWithHandleChunks = 3;
    public const uint MinorWithHandleChunks = 27;

    public const uint AMDGPU_GEM_DOMAIN_CPU = 1;
    public const uint AMDGPU_GEM_DOMAIN_GTT = 2;
    public const uint AMDGPU_GEM_DOMAIN_VRAM = 4;
    public const uint AMDGPU_GEM_DOMAIN_GDS = 8;
    public const uint AMDGPU_GEM_DOMAIN_GWS = 16;
    public const uint AMDGPU_GEM_DOMAIN_OA = 32;

    public const ulong AMDGPU_GEM_CREATE_CPU_ACCESS_REQUIRED = 1 << 0;
    public const ulong AMDGPU_GEM_CREATE_NO_CPU_ACCESS = 1 << 1;
    public const ulong AMDGPU_GEM_CREATE_CPU_GTT_USWC = 1 << 2;
    public const ulong AMDGPU_GEM_CREATE_VRAM_CLEARED = 1 << 3;
    public const ulong AMDGPU_GEM_CREATE_VM_ALWAYS_VALID = 1 << 6;
    public const ulong AMDGPU_GEM_CREATE_EXPLICIT_SYNC = 1 << 7;
    public const ulong AMDGPU_GEM_CREATE_ENCRYPTED = 1 << 10;
    public const ulong AMDGPU_GEM_CREATE_DISCARDABLE = 1 << 12;
    public const ulong AMDGPU_GEM_CREATE_GFX12_DCC = 1 << 16;

    public const uint AMDGPU_CTX_OP_ALLOC_CTX = 1;
    public const uint AMDGPU_CTX_OP_FREE_CTX = 2;
    public const uint AMDGPU_CTX_OP_GET_STABLE_PSTATE = 5;
    public const uint AMDGPU_CTX_OP_SET_STABLE_PSTATE = 6;
    public const uint AMDGPU_CTX_STABLE_PSTATE_NONE = 0;

    public const int AMDGPU_CTX_PRIORITY_UNSET = -2048;
    public const int AMDGPU_CTX_PRIORITY_NORMAL = 0;

    public const uint AMDGPU_VM_OP_RESERVE_VMID = 1;
    public const uint AMDGPU_VM_OP_UNRESERVE_VMID = 2;

    public const uint AMDGPU_GEM_METADATA_OP_SET_METADATA = 1;
    public const uint AMDGPU_GEM_METADATA_OP_GET_METADATA = 2;
    public const uint AMDGPU_GEM_OP_GET_GEM_CREATE_INFO = 0;

    /// <summary>Bytes of what drivers keep with an object.</summary>
    public const int MaxMetadata = 256;

    public const uint AMDGPU_VA_OP_MAP = 1;
    public const uint AMDGPU_VA_OP_UNMAP = 2;
    public const uint AMDGPU_VA_OP_CLEAR = 3;
    public const uint AMDGPU_VA_OP_REPLACE = 4;

    public const uint AMDGPU_VM_PAGE_READABLE = 1 << 1;
    public const uint AMDGPU_VM_PAGE_PRT = 1 << 4;

    /// <summary>Delayed update, readable, writeable, executable, partially resident, the kinds of caching, no MALL.</summary>
    public const uint AllVmFlags = 0x3FF;

    /// <summary>Pages of the GPU's address spaces.</summary>
    public const ulong GpuPageSize = 4096;

    public const ushort AMDGPU_CHUNK_ID_IB = 1;
    public const ushort AMDGPU_CHUNK_ID_FENCE = 2;
    public const ushort AMDGPU_CHUNK_ID_DEPENDENCIES = 3;
    public const ushort AMDGPU_CHUNK_ID_SYNCOBJ_OUT = 5;
    public const ushort AMDGPU_CHUNK_ID_BO_HANDLES = 6;

    public const uint AMDGPU_HW_IP_NUM = 10;

    /// <summary>All flags of a piece of commands.</summary>
    public const uint AllIbFlags = 0x7F;

    public const uint AMDGPU_INFO_ACCEL_WORKING = 0x00;
    public const uint AMDGPU_INFO_HW_IP_INFO = 0x02;
    public const uint AMDGPU_INFO_HW_IP_COUNT = 0x03;
    public const uint AMDGPU_INFO_TIMESTAMP = 0x05;
    public const uint AMDGPU_INFO_FW_VERSION = 0x0e;
    public const uint AMDGPU_INFO_NUM_BYTES_MOVED = 0x0f;
    public const uint AMDGPU_INFO_VRAM_USAGE = 0x10;
    public const uint AMDGPU_INFO_GTT_USAGE = 0x11;
    public const uint AMDGPU_INFO_GDS_CONFIG = 0x13;
    public const uint AMDGPU_INFO_VRAM_GTT = 0x14;
    public const uint AMDGPU_INFO_READ_MMR_REG = 0x15;
    public const uint AMDGPU_INFO_DEV_INFO = 0x16;
    public const uint AMDGPU_INFO_VIS_VRAM_USAGE = 0x17;
    public const uint AMDGPU_INFO_NUM_EVICTIONS = 0x18;
    public const uint AMDGPU_INFO_MEMORY = 0x19;
    public const uint AMDGPU_INFO_VCE_CLOCK_TABLE = 0x1A;
    public const uint AMDGPU_INFO_VBIOS = 0x1B;
    public const uint AMDGPU_INFO_NUM_HANDLES = 0x1C;
    public const uint AMDGPU_INFO_SENSOR = 0x1D;
    public const uint AMDGPU_INFO_NUM_VRAM_CPU_PAGE_FAULTS = 0x1E;
    public const uint AMDGPU_INFO_VRAM_LOST_COUNTER = 0x1F;
    public const uint AMDGPU_INFO_RAS_ENABLED_FEATURES = 0x20;
    public const uint AMDGPU_INFO_VIDEO_CAPS = 0x21;
    public const uint AMDGPU_INFO_MAX_IBS = 0x22;
    public const uint AMDGPU_INFO_GPUVM_FAULT = 0x23;

    /// <summary>Registers that one query may read.</summary>
    public const uint MaxRegisters = 128;

    /// <summary>GPUs of this family and newer have no registers of tiling modes.</summary>
    public const uint AMDGPU_FAMILY_AI = 141;
    public const uint AMDGPU_FAMILY_CI = 120;
}

/// <summary><c>union drm_amdgpu_gem_create</c>; its first half is <c>struct drm_amdgpu_gem_create_in</c> as GEM_OP gives it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmAmdgpuGemCreate
{
    /// <summary>In.</summary>
    [FieldOffset(0)] public ulong BoSize;

    /// <summary>Out.</summary>
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(8)] public ulong Alignment;
    [FieldOffset(16)] public ulong Domains;
    [FieldOffset(24)] public ulong DomainFlags;
}

/// <summary><c>union drm_amdgpu_ctx</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmAmdgpuCtx
{
    /// <summary>In: AMDGPU_CTX_OP_*.</summary>
    [FieldOffset(0)] public uint Op;

    /// <summary>Out: <c>alloc.ctx_id</c>, or <c>pstate.flags</c>.</summary>
    [FieldOffset(0)] public uint Result;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public uint CtxId;
    [FieldOffset(12)] public int Priority;
}

/// <summary><c>union drm_amdgpu_cs</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAmdgpuCs
{
    [FieldOffset(0)] public uint CtxId;
    [FieldOffset(4)] public uint BoListHandle;
    [FieldOffset(8)] public uint NumChunks;
    [FieldOffset(12)] public uint Flags;

    /// <summary>An array of pointers to <see cref="DrmAmdgpuCsChunk"/>.</summary>
    [FieldOffset(16)] public ulong Chunks;
}

/// <summary><c>struct drm_amdgpu_cs_chunk</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmAmdgpuCsChunk
{
    [FieldOffset(0)] public uint ChunkId;
    [FieldOffset(4)] public uint LengthDw;
    [FieldOffset(8)] public ulong ChunkData;
}

/// <summary><c>struct drm_amdgpu_cs_chunk_ib</c>: a piece of commands in the guest's own address space on the GPU.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmAmdgpuCsChunkIb
{
    [FieldOffset(0)] public uint Pad;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public ulong VaStart;
    [FieldOffset(16)] public uint IbBytes;
    [FieldOffset(20)] public uint IpType;
    [FieldOffset(24)] public uint IpInstance;
    [FieldOffset(28)] public uint Ring;
}

/// <summary><c>struct drm_amdgpu_cs_chunk_dep</c>: a submission to wait for.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAmdgpuCsChunkDep
{
    [FieldOffset(0)] public uint IpType;
    [FieldOffset(4)] public uint IpInstance;
    [FieldOffset(8)] public uint Ring;
    [FieldOffset(12)] public uint CtxId;
    [FieldOffset(16)] public ulong Handle;
}

/// <summary><c>struct drm_amdgpu_cs_chunk_fence</c>: where the GPU writes the submission's number.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmAmdgpuCsChunkFence
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Offset;
}

/// <summary><c>struct drm_amdgpu_bo_list_in</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmAmdgpuBoListIn
{
    [FieldOffset(0)] public uint Operation;
    [FieldOffset(4)] public uint ListHandle;
    [FieldOffset(8)] public uint BoNumber;
    [FieldOffset(12)] public uint BoInfoSize;
    [FieldOffset(16)] public ulong BoInfoPtr;
}

/// <summary><c>struct drm_amdgpu_bo_list_entry</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmAmdgpuBoListEntry
{
    [FieldOffset(0)] public uint BoHandle;
    [FieldOffset(4)] public uint BoPriority;
}

/// <summary><c>struct drm_amdgpu_info</c>. The four words are the query's own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmAmdgpuInfo
{
    [FieldOffset(0)] public ulong ReturnPointer;
    [FieldOffset(8)] public uint ReturnSize;
    [FieldOffset(12)] public uint Query;

    /// <summary><c>dword_offset</c> of registers; the type of IP, firmware, sensor or video capabilities.</summary>
    [FieldOffset(16)] public uint Word0;

    /// <summary><c>count</c> of registers; the instance of an IP.</summary>
    [FieldOffset(20)] public uint Word1;

    /// <summary><c>instance</c> of registers; the index of firmware.</summary>
    [FieldOffset(24)] public uint Word2;

    /// <summary><c>flags</c> of registers.</summary>
    [FieldOffset(28)] public uint Word3;
}

/// <summary><c>struct drm_amdgpu_gem_metadata</c>; the data follow <see cref="DataSizeBytes"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 288)]
internal unsafe struct DrmAmdgpuGemMetadata
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Op;
    [FieldOffset(8)] public ulong Flags;
    [FieldOffset(16)] public ulong TilingInfo;
    [FieldOffset(24)] public uint DataSizeBytes;
    [FieldOffset(28)] public fixed byte Data[AmdgpuUapi.MaxMetadata];
}

/// <summary><c>struct drm_amdgpu_gem_va</c>, as it was before user queues.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct DrmAmdgpuGemVa
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Pad;
    [FieldOffset(8)] public uint Operation;
    [FieldOffset(12)] public uint Flags;
    [FieldOffset(16)] public ulong VaAddress;
    [FieldOffset(24)] public ulong OffsetInBo;
    [FieldOffset(32)] public ulong MapSize;
}

/// <summary><c>struct drm_amdgpu_gem_op</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct DrmAmdgpuGemOp
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Op;
    [FieldOffset(8)] public ulong Value;
}

/// <summary><c>union drm_amdgpu_wait_cs</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmAmdgpuWaitCs
{
    [FieldOffset(0)] public ulong Handle;

    /// <summary>Out: 0 complete, 1 not yet.</summary>
    [FieldOffset(0)] public ulong Status;

    /// <summary>Absolute; what is past does not wait.</summary>
    [FieldOffset(8)] public ulong Timeout;
    [FieldOffset(16)] public uint IpType;
    [FieldOffset(20)] public uint IpInstance;
    [FieldOffset(24)] public uint Ring;
    [FieldOffset(28)] public uint CtxId;
}

/// <summary><c>union drm_amdgpu_vm</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmAmdgpuVm
{
    [FieldOffset(0)] public uint Op;
    [FieldOffset(4)] public uint Flags;
}

/// <summary><c>struct drm_amdgpu_heap_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct DrmAmdgpuHeapInfo
{
    [FieldOffset(0)] public ulong TotalHeapSize;
    [FieldOffset(8)] public ulong UsableHeapSize;
    [FieldOffset(16)] public ulong HeapUsage;
    [FieldOffset(24)] public ulong MaxAllocation;
}

/// <summary><c>struct drm_amdgpu_memory_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
internal struct DrmAmdgpuMemoryInfo
{
    [FieldOffset(0)] public DrmAmdgpuHeapInfo Vram;
    [FieldOffset(32)] public DrmAmdgpuHeapInfo CpuAccessibleVram;
    [FieldOffset(64)] public DrmAmdgpuHeapInfo Gtt;
}

/// <summary><c>struct drm_amdgpu_info_device</c>, as far as it is used here; it has grown to 448 bytes since.</summary>
[StructLayout(LayoutKind.Explicit, Size = 368)]
internal unsafe struct DrmAmdgpuInfoDevice
{
    [FieldOffset(0)] public uint DeviceId;
    [FieldOffset(4)] public uint ChipRev;
    [FieldOffset(8)] public uint ExternalRev;
    [FieldOffset(12)] public uint PciRev;
    [FieldOffset(16)] public uint Family;
    [FieldOffset(20)] public uint NumShaderEngines;
    [FieldOffset(24)] public uint NumShaderArraysPerEngine;
    [FieldOffset(28)] public uint GpuCounterFreq;
    [FieldOffset(32)] public ulong MaxEngineClock;
    [FieldOffset(40)] public ulong MaxMemoryClock;
    [FieldOffset(48)] public uint CuActiveNumber;
    [FieldOffset(52)] public uint CuAoMask;
    [FieldOffset(56)] public fixed uint CuBitmap[16];
    [FieldOffset(120)] public uint EnabledRbPipesMask;
    [FieldOffset(124)] public uint NumRbPipes;
    [FieldOffset(128)] public uint NumHwGfxContexts;
    [FieldOffset(136)] public ulong IdsFlags;
    [FieldOffset(144)] public ulong VirtualAddressOffset;
    [FieldOffset(152)] public ulong VirtualAddressMax;
    [FieldOffset(160)] public uint VirtualAddressAlignment;
    [FieldOffset(164)] public uint PteFragmentSize;
    [FieldOffset(168)] public uint GartPageSize;
    [FieldOffset(172)] public uint CeRamSize;
    [FieldOffset(176)] public uint VramType;
    [FieldOffset(180)] public uint VramBitWidth;
    [FieldOffset(184)] public uint VceHarvestConfig;
    [FieldOffset(336)] public ulong HighVaOffset;
    [FieldOffset(344)] public ulong HighVaMax;
}
