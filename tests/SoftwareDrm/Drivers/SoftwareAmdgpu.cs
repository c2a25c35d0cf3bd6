using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.SoftwareDrm.Drivers;

/// <summary>An AMD Navi 10 of software (kernel driver <c>amdgpu</c>): queries, contexts, address spaces, submissions.</summary>
internal sealed unsafe class SoftwareAmdgpu(SoftwareDrmFile file) : SoftwareDriver(file)
{
    public const uint DeviceId = 0x731F;
    public const uint GbAddrCfg = 0x44;
    public const ulong VramSize = 8UL << 30;
    public const ulong VaStart = 0x20_0000;
    public const ulong VaEnd = 1UL << 47;
    public const ulong HighVaStart = 0xFFFF_8000_0000_0000;

    private const uint FamilyNavi = 143;

    private readonly HashSet<uint> _contexts = [];
    private readonly Dictionary<uint, byte[]> _metadata = [];
    private bool _hasVmid;
    private bool _hasSparse;
    private uint _next = 1;

    public static SoftwareDrmDevice CreateDevice(uint minor = 61) =>
        new(new DrmDriverVersion("amdgpu", 3, minor, 0), file => new SoftwareAmdgpu(file));

    public override int Count => _contexts.Count + (_hasVmid ? 1 : 0) + (_hasSparse ? 1 : 0);

    public override int? Ioctl(uint number, void* argument) => number switch
    {
        DRM_IOCTL_AMDGPU_INFO => Info((DrmAmdgpuInfo*)argument),
        DRM_IOCTL_AMDGPU_GEM_CREATE => Create((DrmAmdgpuGemCreate*)argument),
        DRM_IOCTL_AMDGPU_GEM_VA => Place((DrmAmdgpuGemVa*)argument),
        DRM_IOCTL_AMDGPU_GEM_METADATA => Metadata((DrmAmdgpuGemMetadata*)argument),
        DRM_IOCTL_AMDGPU_GEM_OP => Operate((DrmAmdgpuGemOp*)argument),
        DRM_IOCTL_AMDGPU_CTX => OperateContext((DrmAmdgpuCtx*)argument),
        DRM_IOCTL_AMDGPU_VM => OperateVm((DrmAmdgpuVm*)argument),
        DRM_IOCTL_AMDGPU_WAIT_CS => Wait((DrmAmdgpuWaitCs*)argument),
        DRM_IOCTL_AMDGPU_CS => Submit((DrmAmdgpuCs*)argument),
        _ => null,
    };

    private int Info(DrmAmdgpuInfo* request)
    {
        byte* all = stackalloc byte[448];
        new Span<byte>(all, 448).Clear();
        int length;
        switch (request->Query)
        {
            case AMDGPU_INFO_DEV_INFO:
                *(DrmAmdgpuInfoDevice*)all = new DrmAmdgpuInfoDevice
                {
                    DeviceId = DeviceId,
                    ChipRev = 2,
                    ExternalRev = 10,
                    PciRev = 0xC1,
                    Family = FamilyNavi,
                    NumShaderEngines = 2,
                    NumShaderArraysPerEngine = 2,
                    GpuCounterFreq = 100_000,
                    MaxEngineClock = 2_100_000,
                    MaxMemoryClock = 875_000,
                    CuActiveNumber = 40,
                    EnabledRbPipesMask = 0xFFFF,
                    NumRbPipes = 16,
                    NumHwGfxContexts = 8,
                    VirtualAddressOffset = VaStart,
                    VirtualAddressMax = VaEnd,
                    VirtualAddressAlignment = 4096,
                    PteFragmentSize = 0x20_0000,
                    GartPageSize = 4096,
                    VramType = 9,
                    VramBitWidth = 256,
                    HighVaOffset = HighVaStart,
                    HighVaMax = 0xFFFF_FFFF_FFE0_0000,
                };
                length = 448;
                break;
            case AMDGPU_INFO_HW_IP_INFO:
                if (request->Word0 >= AMDGPU_HW_IP_NUM)
                {
                    return Violation("INFO of no IP");
                }

                *(uint*)all = 10; // hw_ip_version_major
                *(uint*)(all + 16) = 32; // ib_start_alignment
                *(uint*)(all + 20) = 32; // ib_size_alignment
                // GFX has one ring, COMPUTE four, DMA two, the others none.
                *(uint*)(all + 24) = request->Word0 switch { 0 => 1, 1 => 15, 2 => 3, _ => 0 };
                length = 32;
                break;
            case AMDGPU_INFO_READ_MMR_REG:
                if (request->Word1 is 0 or > 128 || request->Word3 != 0)
                {
                    return Violation("INFO of registers");
                }

                new Span<uint>(all, (int)Math.Min(request->Word1, 112)).Fill(GbAddrCfg);
                length = (int)Math.Min(request->Word1 * 4, 448);
                break;
            case AMDGPU_INFO_MEMORY:
                var vram = new DrmAmdgpuHeapInfo { TotalHeapSize = VramSize, UsableHeapSize = VramSize - 4096, HeapUsage = 4096, MaxAllocation = VramSize / 4 * 3 };
                *(DrmAmdgpuMemoryInfo*)all = new DrmAmdgpuMemoryInfo { Vram = vram, CpuAccessibleVram = vram, Gtt = vram };
                length = sizeof(DrmAmdgpuMemoryInfo);
                break;
            case 0x01 or AMDGPU_INFO_VBIOS or > AMDGPU_INFO_GPUVM_FAULT:
                return Violation($"INFO {request->Query}");
            default:
                length = 8;
                break;
        }

        length = Math.Min(length, (int)request->ReturnSize);
        new Span<byte>(all, length).CopyTo(new Span<byte>((void*)request->ReturnPointer, length));
        return 0;
    }

    private int Create(DrmAmdgpuGemCreate* request)
    {
        const ulong Allowed = AMDGPU_GEM_CREATE_CPU_ACCESS_REQUIRED | AMDGPU_GEM_CREATE_NO_CPU_ACCESS | AMDGPU_GEM_CREATE_CPU_GTT_USWC
            | AMDGPU_GEM_CREATE_VRAM_CLEARED | AMDGPU_GEM_CREATE_EXPLICIT_SYNC | AMDGPU_GEM_CREATE_ENCRYPTED | AMDGPU_GEM_CREATE_DISCARDABLE
            | AMDGPU_GEM_CREATE_GFX12_DCC;
        bool isMemory = (request->Domains & 7) != 0;
        if (request->BoSize == 0 || (isMemory && request->BoSize % 4096 != 0)
            || (isMemory ? request->Domains > 7 : request->Domains is not (8 or 16 or 32)) || (request->DomainFlags & ~Allowed) != 0
            || ((request->Domains & 4) != 0 && (request->DomainFlags & AMDGPU_GEM_CREATE_VRAM_CLEARED) == 0))
        {
            return Violation("GEM_CREATE");
        }

        request->Handle = File.Add(SoftwareGem.Create((request->BoSize + 4095) & ~4095UL));
        return 0;
    }

    private int Place(DrmAmdgpuGemVa* request)
    {
        bool isSparse = (request->Flags & AMDGPU_VM_PAGE_PRT) != 0;
        if (request->Pad != 0 || request->Operation is 0 or > 4 || (request->Flags & ~AllVmFlags) != 0 || request->MapSize == 0
            || (request->VaAddress | request->MapSize | request->OffsetInBo) % 4096 != 0)
        {
            return Violation("GEM_VA");
        }

        if (request->Operation == AMDGPU_VA_OP_CLEAR || isSparse)
        {
            _hasSparse = request->Operation != AMDGPU_VA_OP_CLEAR;
        }
        else if (File.Gem(request->Handle) is not { } gem)
        {
            return Violation($"GEM_VA of object {request->Handle}");
        }
        else if (request->Operation != AMDGPU_VA_OP_UNMAP && (request->MapSize > gem.Size || request->OffsetInBo > gem.Size - request->MapSize))
        {
            return Violation("GEM_VA beyond its object");
        }

        return request->VaAddress < VaStart ? EINVAL : 0;
    }

    private int Metadata(DrmAmdgpuGemMetadata* request)
    {
        if (File.Gem(request->Handle) is null || request->Op is not (1 or 2) || request->Flags != 0 || request->DataSizeBytes > 256)
        {
            return Violation("GEM_METADATA");
        }

        if (request->Op == AMDGPU_GEM_METADATA_OP_SET_METADATA)
        {
            _metadata[request->Handle] = new ReadOnlySpan<byte>(request->Data, (int)request->DataSizeBytes).ToArray();
        }
        else if (_metadata.TryGetValue(request->Handle, out byte[]? data))
        {
            request->DataSizeBytes = (uint)data.Length;
            data.CopyTo(new Span<byte>(request->Data, 256));
        }

        return 0;
    }

    private int Operate(DrmAmdgpuGemOp* request)
    {
        if (File.Gem(request->Handle) is not { } gem || request->Op != AMDGPU_GEM_OP_GET_GEM_CREATE_INFO)
        {
            return Violation("GEM_OP");
        }

        *(DrmAmdgpuGemCreate*)request->Value = new DrmAmdgpuGemCreate { BoSize = gem.Size, Alignment = 4096, Domains = AMDGPU_GEM_DOMAIN_VRAM };
        return 0;
    }

    private int OperateContext(DrmAmdgpuCtx* request)
    {
        switch (request->Op)
        {
            case AMDGPU_CTX_OP_ALLOC_CTX when request->Flags == 0 && request->CtxId == 0 && request->Priority is <= 0 and >= -2048:
                request->Result = _next++;
                _contexts.Add(request->Result);
                return 0;
            case AMDGPU_CTX_OP_FREE_CTX when request->Flags == 0:
                return _contexts.Remove(request->CtxId) ? 0 : Violation("FREE_CTX of none");
            case AMDGPU_CTX_OP_GET_STABLE_PSTATE or AMDGPU_CTX_OP_SET_STABLE_PSTATE when request->Flags == 0 && _contexts.Contains(request->CtxId):
                request->Result = 0;
                return 0;
            default:
                return Violation($"CTX {request->Op}");
        }
    }

    private int OperateVm(DrmAmdgpuVm* request)
    {
        bool reserves = request->Op == AMDGPU_VM_OP_RESERVE_VMID;
        if (request->Op is not (1 or 2) || request->Flags != 0 || reserves == _hasVmid)
        {
            return Violation("VM");
        }

        _hasVmid = reserves;
        return 0;
    }

    private int Wait(DrmAmdgpuWaitCs* request)
    {
        if (request->Timeout != 0 || !_contexts.Contains(request->CtxId) || request->IpType >= AMDGPU_HW_IP_NUM)
        {
            return Violation("WAIT_CS, which must not wait");
        }

        request->Status = File.Device.Outstanding > 0 ? 1u : 0;
        return 0;
    }

    private int Submit(DrmAmdgpuCs* request)
    {
        if (!_contexts.Contains(request->CtxId) || request->BoListHandle != 0 || request->Flags != 0 || request->NumChunks is < 2 or > 130)
        {
            return Violation("CS");
        }

        uint syncobj = 0;
        ReadOnlySpan<DrmAmdgpuBoListEntry> objects = [];
        foreach (ulong pointer in new ReadOnlySpan<ulong>((void*)request->Chunks, (int)request->NumChunks))
        {
            var chunk = (DrmAmdgpuCsChunk*)pointer;
            int length = (int)chunk->LengthDw * 4;
            switch (chunk->ChunkId)
            {
                case AMDGPU_CHUNK_ID_IB when length == 32 && IsRight(*(DrmAmdgpuCsChunkIb*)chunk->ChunkData):
                    break;
                case AMDGPU_CHUNK_ID_FENCE when length == 8 && IsRight(*(DrmAmdgpuCsChunkFence*)chunk->ChunkData):
                    break;
                case AMDGPU_CHUNK_ID_DEPENDENCIES when length % 24 == 0:
                    foreach (DrmAmdgpuCsChunkDep one in new ReadOnlySpan<DrmAmdgpuCsChunkDep>((void*)chunk->ChunkData, length / 24))
                    {
                        if (!_contexts.Contains(one.CtxId))
                        {
                            return Violation("CS that depends on a foreign context");
                        }
                    }

                    break;
                case AMDGPU_CHUNK_ID_BO_HANDLES when length == 24 && objects.IsEmpty && ((DrmAmdgpuBoListIn*)chunk->ChunkData)->BoInfoSize == 8:
                    var list = (DrmAmdgpuBoListIn*)chunk->ChunkData;
                    objects = new ReadOnlySpan<DrmAmdgpuBoListEntry>((void*)list->BoInfoPtr, (int)list->BoNumber);
                    break;
                case AMDGPU_CHUNK_ID_SYNCOBJ_OUT when length == 4 && syncobj == 0:
                    syncobj = *(uint*)chunk->ChunkData;
                    break;
                default:
                    return Violation($"CS with chunk {chunk->ChunkId} of {length} bytes");
            }
        }

        foreach (ref readonly DrmAmdgpuBoListEntry one in objects)
        {
            if (File.Gem(one.BoHandle) is null)
            {
                return Violation($"CS of object {one.BoHandle}");
            }
        }

        if (!File.HasSyncobj(syncobj))
        {
            return Violation("CS without a synchronisation object");
        }

        SoftwareFence fence = File.Device.BeginWork();
        File.SetSyncobj(syncobj, fence);
        foreach (ref readonly DrmAmdgpuBoListEntry one in objects)
        {
            File.Gem(one.BoHandle)!.UsedBy(fence);
        }

        fence.RemoveUser();
        return 0;
    }

    private static bool IsRight(in DrmAmdgpuCsChunkIb commands) =>
        commands.Pad == 0 && (commands.Flags & ~AllIbFlags) == 0 && commands.IpType < AMDGPU_HW_IP_NUM && commands.IpInstance == 0;

    private bool IsRight(in DrmAmdgpuCsChunkFence fence) =>
        File.Gem(fence.Handle) is { } gem && fence.Offset % 8 == 0 && fence.Offset + 8 <= gem.Size;
}
