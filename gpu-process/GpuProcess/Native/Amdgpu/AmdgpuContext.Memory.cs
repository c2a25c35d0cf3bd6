using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Native.Amdgpu;

/// <summary>Objects, and where they are in the context's address space.</summary>
internal sealed unsafe partial class AmdgpuContext
{
    private const uint MemoryDomains = AMDGPU_GEM_DOMAIN_CPU | AMDGPU_GEM_DOMAIN_GTT | AMDGPU_GEM_DOMAIN_VRAM;

    /// <summary>What user space may say of an object. Not that its memory is not to be counted.</summary>
    private const ulong KnownFlags = AMDGPU_GEM_CREATE_CPU_ACCESS_REQUIRED | AMDGPU_GEM_CREATE_NO_CPU_ACCESS | AMDGPU_GEM_CREATE_CPU_GTT_USWC
        | AMDGPU_GEM_CREATE_VRAM_CLEARED | AMDGPU_GEM_CREATE_VM_ALWAYS_VALID | AMDGPU_GEM_CREATE_EXPLICIT_SYNC | AMDGPU_GEM_CREATE_ENCRYPTED
        | AMDGPU_GEM_CREATE_DISCARDABLE | AMDGPU_GEM_CREATE_GFX12_DCC;

    private const ulong MaxAlignment = 1UL << 30;

    /// <summary>Between them is every place that was given to no object.</summary>
    private ulong _sparseStart = ulong.MaxValue;
    private ulong _sparseEnd;

    private int GemNew(in NativeCommand command)
    {
        AmdgpuCcmdGemNewReq request = command.Read<AmdgpuCcmdGemNewReq>();
        ulong size = RoundUp(request.AllocSize);
        bool isMemory = request.PreferredHeap != 0 && (request.PreferredHeap & ~MemoryDomains) == 0;
        // One of the GPU's own stores, but not doorbells, which are a piece of the device.
        bool isStore = request.PreferredHeap is AMDGPU_GEM_DOMAIN_GDS or AMDGPU_GEM_DOMAIN_GWS or AMDGPU_GEM_DOMAIN_OA;
        if (request.Pad != 0 || request.BlobId > uint.MaxValue || !(isMemory || isStore)
            || (request.Flags & ~KnownFlags) != 0 || request.PhysAlignment > MaxAlignment
            || (request.PhysAlignment & (request.PhysAlignment - 1)) != 0)
        {
            return EINVAL;
        }

        if (!Objects.MayMake((uint)request.BlobId, size))
        {
            return ENOMEM;
        }

        var create = new DrmAmdgpuGemCreate
        {
            // Stores are counted in other units than pages.
            BoSize = isMemory ? size : request.AllocSize,
            Alignment = request.PhysAlignment,
            Domains = request.PreferredHeap,
            // The kernel exports no object that is always valid, and what is not exported nobody can map. Memory comes without
            // what others left in it.
            DomainFlags = (request.Flags & ~AMDGPU_GEM_CREATE_VM_ALWAYS_VALID)
                | ((request.PreferredHeap & AMDGPU_GEM_DOMAIN_VRAM) != 0 ? AMDGPU_GEM_CREATE_VRAM_CLEARED : 0),
        };
        int error = File.Ioctl(DRM_IOCTL_AMDGPU_GEM_CREATE, ref create);
        if (error != 0)
        {
            return error;
        }

        bool isWriteCombined = request.PreferredHeap != AMDGPU_GEM_DOMAIN_GTT || (request.Flags & AMDGPU_GEM_CREATE_CPU_GTT_USWC) != 0;
        Objects.Made(new GemObject
        {
            Handle = create.Handle,
            Size = size,
            BlobId = (uint)request.BlobId,
            IsOwn = true,
            IsAlwaysUsed = (request.Flags & AMDGPU_GEM_CREATE_VM_ALWAYS_VALID) != 0,
            Cache = isWriteCombined ? VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC : VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED,
        });
        TellHeaps();
        return 0;
    }

    private int BoVaOp(in NativeCommand command)
    {
        AmdgpuCcmdBoVaOpReq request = command.Read<AmdgpuCcmdBoVaOpReq>();
        bool isSparse = request.Flags2 == AmdgpuCcmdBoVaOpReq.AMDGPU_CCMD_BO_VA_OP_SPARSE_BO;
        bool isPartlyResident = (request.Flags & AMDGPU_VM_PAGE_PRT) != 0;
        if ((!isSparse && request.Flags2 != 0) || (request.Flags & ~(ulong)AllVmFlags) != 0
            || request.Op is < AMDGPU_VA_OP_MAP or > AMDGPU_VA_OP_REPLACE
            || request.VmMapSize == 0 || request.VmMapSize > ulong.MaxValue - request.Va
            || (request.Va | request.VmMapSize | request.Offset) % GpuPageSize != 0
            || (isSparse && request.Op != AMDGPU_VA_OP_CLEAR && !isPartlyResident))
        {
            return EINVAL;
        }

        if (!TryAnswer<AmdgpuCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        var operate = new DrmAmdgpuGemVa
        {
            Operation = request.Op,
            Flags = (uint)request.Flags,
            VaAddress = request.Va,
            OffsetInBo = isSparse ? 0 : request.Offset,
            MapSize = request.VmMapSize,
        };
        if (!isSparse)
        {
            if (!Objects.TryGet(request.ResId, out GemObject? found))
            {
                // Of one that the guest has closed the kernel has taken back every place. That is no loss of the context.
                return Answer(answer, EINVAL);
            }

            // What is partly resident has no object, whatever is named.
            if (request.Op is AMDGPU_VA_OP_MAP or AMDGPU_VA_OP_REPLACE && !isPartlyResident
                && (request.VmMapSize > found.Size || request.Offset > found.Size - request.VmMapSize))
            {
                return EINVAL;
            }

            operate.Handle = found.Handle;
        }

        int error = File.Ioctl(DRM_IOCTL_AMDGPU_GEM_VA, ref operate);
        if (error == 0 && isPartlyResident)
        {
            _sparseStart = Math.Min(_sparseStart, request.Va);
            _sparseEnd = Math.Max(_sparseEnd, request.Va + request.VmMapSize);
        }

        return error != 0 ? error : Answer(answer, 0);
    }

    /// <summary>Takes back the places without an object; the others go with their objects.</summary>
    private bool ClearSparse()
    {
        var clear = new DrmAmdgpuGemVa { Operation = AMDGPU_VA_OP_CLEAR, VaAddress = _sparseStart, MapSize = _sparseEnd - _sparseStart };
        return _sparseEnd == 0 || File.Ioctl(DRM_IOCTL_AMDGPU_GEM_VA, ref clear) == 0;
    }

    private int SetMetadata(in NativeCommand command)
    {
        AmdgpuCcmdSetMetadataReq request = command.Read<AmdgpuCcmdSetMetadataReq>();
        ReadOnlySpan<byte> tail = command.TailOf<AmdgpuCcmdSetMetadataReq>();
        if (!TryAnswer<AmdgpuCcmdRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        if (request.Flags != 0 || request.SizeMetadata > MaxMetadata || request.SizeMetadata > (uint)tail.Length)
        {
            return Answer(answer, EINVAL);
        }

        var set = new DrmAmdgpuGemMetadata
        {
            Handle = Objects.HandleOf(request.ResId),
            Op = AMDGPU_GEM_METADATA_OP_SET_METADATA,
            TilingInfo = request.TilingInfo,
            DataSizeBytes = request.SizeMetadata,
        };
        tail[..(int)request.SizeMetadata].CopyTo(new Span<byte>(set.Data, MaxMetadata));
        return Answer(answer, set.Handle == 0 ? ENOENT : File.Ioctl(DRM_IOCTL_AMDGPU_GEM_METADATA, ref set));
    }

    private int BoQueryInfo(in NativeCommand command)
    {
        AmdgpuCcmdBoQueryInfoReq request = command.Read<AmdgpuCcmdBoQueryInfoReq>();
        if (!TryAnswer<AmdgpuCcmdBoQueryInfoRsp>(command, 0, out Span<byte> answer))
        {
            return ENOSPC;
        }

        DrmAmdgpuGemCreate made = default;
        uint handle = request.Pad == 0 ? Objects.HandleOf(request.ResId) : 0;
        var metadata = new DrmAmdgpuGemMetadata { Handle = handle, Op = AMDGPU_GEM_METADATA_OP_GET_METADATA };
        // The kernel writes the four words that the object was made with, into this frame.
        var operation = new DrmAmdgpuGemOp { Handle = handle, Op = AMDGPU_GEM_OP_GET_GEM_CREATE_INFO, Value = (ulong)&made };
        int error = handle == 0 ? EINVAL : File.Ioctl(DRM_IOCTL_AMDGPU_GEM_METADATA, ref metadata);
        error = error == 0 ? File.Ioctl(DRM_IOCTL_AMDGPU_GEM_OP, ref operation) : error;
        if (error == 0)
        {
            var info = new AmdgpuCcmdBoQueryInfoRsp
            {
                AllocSize = made.BoSize,
                PhysAlignment = made.Alignment,
                PreferredHeap = (uint)made.Domains,
                AllocFlags = made.DomainFlags,
                MetadataFlags = metadata.Flags,
                TilingInfo = metadata.TilingInfo,
                SizeMetadata = Math.Min(metadata.DataSizeBytes, MaxMetadata),
            };
            new ReadOnlySpan<byte>(metadata.Data, (int)info.SizeMetadata).CopyTo(new Span<byte>(info.UmdMetadata, MaxMetadata));
            MemoryMarshal.Write(answer, info);
        }

        return Answer(answer, error);
    }

    /// <summary>Writes how much memory there is, and how much of it is used, where the guest reads it.</summary>
    private void TellHeaps()
    {
        DrmAmdgpuMemoryInfo memory = default;
        var request = new DrmAmdgpuInfo { ReturnPointer = (ulong)&memory, ReturnSize = (uint)sizeof(DrmAmdgpuMemoryInfo), Query = AMDGPU_INFO_MEMORY };
        if (Page is { } page && File.Ioctl(DRM_IOCTL_AMDGPU_INFO, ref request) == 0)
        {
            ReadOnlySpan<AmdgpuHeapInfo> heaps = [Heap(memory.Gtt), Heap(memory.Vram), Heap(memory.CpuAccessibleVram)];
            page.Write((int)Marshal.OffsetOf<AmdvgpuShmem>(nameof(AmdvgpuShmem.Gtt)), MemoryMarshal.AsBytes(heaps));
        }
    }

    private static AmdgpuHeapInfo Heap(in DrmAmdgpuHeapInfo heap) =>
        new() { HeapSize = heap.UsableHeapSize, HeapUsage = heap.HeapUsage, MaxAllocation = heap.MaxAllocation };
}
