using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Devices;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.SoftwareDrm.Drivers;

/// <summary>An Apple M1 of software (kernel driver <c>asahi</c>): address spaces, queues and parameters.</summary>
internal sealed unsafe class SoftwareAsahi(SoftwareDrmFile file) : SoftwareDriver(file)
{
    public const ulong VmEnd = 1UL << 39;
    public const ulong KernelMinSize = 0x2000_0000;

    /// <summary>Bytes of <c>struct drm_asahi_params_global</c>.</summary>
    public const int ParamsSize = 592;

    private readonly HashSet<uint> _spaces = [];
    private readonly HashSet<uint> _queues = [];
    private readonly HashSet<uint> _objects = [];
    private uint _next = 1;

    public static SoftwareDrmDevice CreateDevice() => new(new DrmDriverVersion("asahi", 1, 0, 0), file => new SoftwareAsahi(file));

    public override int Count => _spaces.Count + _queues.Count + _objects.Count;

    public override int? Ioctl(uint number, void* argument) => number switch
    {
        DRM_IOCTL_ASAHI_GET_PARAMS => GetParams((DrmAsahiGetParams*)argument),
        DRM_IOCTL_ASAHI_GET_TIME => GetTime((DrmAsahiGetTime*)argument),
        DRM_IOCTL_ASAHI_VM_CREATE => CreateSpace((DrmAsahiVmCreate*)argument),
        DRM_IOCTL_ASAHI_VM_DESTROY => _spaces.Remove(((DrmAsahiVmDestroy*)argument)->VmId) ? 0 : Violation("VM_DESTROY of none"),
        DRM_IOCTL_ASAHI_VM_BIND => Bind((DrmAsahiVmBind*)argument),
        DRM_IOCTL_ASAHI_GEM_CREATE => Create((DrmAsahiGemCreate*)argument),
        DRM_IOCTL_ASAHI_GEM_BIND_OBJECT => BindObject((DrmAsahiGemBindObject*)argument),
        DRM_IOCTL_ASAHI_QUEUE_CREATE => CreateQueue((DrmAsahiQueueCreate*)argument),
        DRM_IOCTL_ASAHI_QUEUE_DESTROY => _queues.Remove(((DrmAsahiQueueDestroy*)argument)->QueueId) ? 0 : Violation("QUEUE_DESTROY of none"),
        DRM_IOCTL_ASAHI_SUBMIT => Submit((DrmAsahiSubmit*)argument),
        _ => null,
    };

    private int GetParams(DrmAsahiGetParams* request)
    {
        byte* all = stackalloc byte[ParamsSize];
        new Span<byte>(all, ParamsSize).Clear();
        *(ulong*)all = 1; // features: DRM_ASAHI_FEATURE_SOFT_FAULTS
        *(uint*)(all + 8) = 13; // gpu_generation
        *(uint*)(all + 12) = 'G'; // gpu_variant
        *(uint*)(all + 16) = 0x11; // gpu_revision
        *(uint*)(all + 20) = 0x8103; // chip_id
        *(uint*)(all + 24) = 1; // num_dies
        *(uint*)(all + 28) = 1; // num_clusters_total
        *(uint*)(all + 32) = 8; // num_cores_per_cluster
        *(uint*)(all + 36) = 1_278_000; // max_frequency_khz
        *(ulong*)(all + 40) = 0xFF; // core_masks[0]
        *(ulong*)(all + 552) = PageSize; // vm_start
        *(ulong*)(all + 560) = VmEnd;
        *(ulong*)(all + 568) = KernelMinSize;
        *(uint*)(all + 576) = 64; // max_commands_per_submission
        *(uint*)(all + 580) = 16; // max_attachments
        *(ulong*)(all + 584) = 24_000_000; // command_timestamp_frequency_hz
        if (request->ParamGroup != 0 || request->Pad != 0)
        {
            return Violation("GET_PARAMS");
        }

        int length = (int)Math.Min(request->Size, ParamsSize);
        new Span<byte>(all, length).CopyTo(new Span<byte>((void*)request->Pointer, length));
        return 0;
    }

    private int GetTime(DrmAsahiGetTime* request)
    {
        request->GpuTimestamp = (ulong)Environment.TickCount64 * 24_000;
        return request->Flags == 0 ? 0 : Violation("GET_TIME with flags");
    }

    private int CreateSpace(DrmAsahiVmCreate* request)
    {
        if (request->Pad != 0 || request->KernelStart >= request->KernelEnd)
        {
            return Violation("VM_CREATE");
        }

        if (request->KernelEnd > VmEnd || request->KernelEnd - request->KernelStart < KernelMinSize)
        {
            return EINVAL;
        }

        request->VmId = _next++;
        _spaces.Add(request->VmId);
        return 0;
    }

    private int CreateQueue(DrmAsahiQueueCreate* request)
    {
        if (request->Flags != 0 || !_spaces.Contains(request->VmId) || request->Priority > DRM_ASAHI_PRIORITY_MEDIUM)
        {
            return Violation("QUEUE_CREATE");
        }

        request->QueueId = _next++;
        _queues.Add(request->QueueId);
        return 0;
    }

    private int Create(DrmAsahiGemCreate* request)
    {
        bool isPrivate = (request->Flags & DRM_ASAHI_GEM_VM_PRIVATE) != 0;
        if (request->Size == 0 || request->Size % 4096 != 0 || request->Flags > 3 || request->Pad != 0
            || (isPrivate ? !_spaces.Contains(request->VmId) : request->VmId != 0))
        {
            return Violation("GEM_CREATE");
        }

        request->Handle = File.Add(SoftwareGem.Create(request->Size));
        return 0;
    }

    private int Bind(DrmAsahiVmBind* request)
    {
        if (!_spaces.Contains(request->VmId) || request->Stride != sizeof(DrmAsahiGemBindOp) || request->Pad != 0 || request->NumBinds == 0)
        {
            return Violation("VM_BIND");
        }

        var binds = new ReadOnlySpan<DrmAsahiGemBindOp>((void*)request->Userptr, (int)request->NumBinds);
        foreach (ref readonly DrmAsahiGemBindOp bind in binds)
        {
            bool unbinds = (bind.Flags & DRM_ASAHI_BIND_UNBIND) != 0;
            if (bind.Flags > 15 || bind.Range == 0 || bind.Addr % 4096 != 0 || bind.Range % 4096 != 0 || bind.Offset % 4096 != 0
                || (unbinds ? bind.Handle != 0 : File.Gem(bind.Handle) is not { } gem || !Holds(gem, bind)))
            {
                return Violation($"a bind of {bind.Handle} with flags {bind.Flags}");
            }

            if (bind.Addr < PageSize || bind.Addr > VmEnd || bind.Range > VmEnd - bind.Addr)
            {
                return EINVAL;
            }
        }

        return 0;
    }

    /// <summary>Whether what is bound lies in the object, whose last page may be a small one of the guest's.</summary>
    private static bool Holds(SoftwareGem gem, in DrmAsahiGemBindOp bind)
    {
        ulong size = (gem.Size + PageSize - 1) & ~(PageSize - 1);
        ulong length = (bind.Flags & DRM_ASAHI_BIND_SINGLE_PAGE) != 0 ? PageSize : bind.Range;
        return length <= size && bind.Offset <= size - length;
    }

    private int BindObject(DrmAsahiGemBindObject* request)
    {
        if (request->Op == DRM_ASAHI_BIND_OBJECT_OP_UNBIND)
        {
            return _objects.Remove(request->ObjectHandle) ? 0 : Violation("GEM_BIND_OBJECT: unbinds none");
        }

        if (request->Op != 0 || request->Flags > 1 || request->VmId != 0 || request->Pad != 0
            || File.Gem(request->Handle) is not { } gem || request->Range > gem.Size || request->Offset > gem.Size - request->Range)
        {
            return Violation("GEM_BIND_OBJECT");
        }

        request->ObjectHandle = _next++;
        _objects.Add(request->ObjectHandle);
        return 0;
    }

    private int Submit(DrmAsahiSubmit* request)
    {
        if (request->Flags != 0 || request->Pad != 0 || !_queues.Contains(request->QueueId) || request->OutSyncCount != 1)
        {
            return Violation("SUBMIT");
        }

        var syncs = new ReadOnlySpan<DrmAsahiSync>((void*)request->Syncs, (int)(request->InSyncCount + request->OutSyncCount));
        foreach (ref readonly DrmAsahiSync sync in syncs)
        {
            if (sync.SyncType != DRM_ASAHI_SYNC_SYNCOBJ || !File.HasSyncobj(sync.Handle))
            {
                return Violation($"SUBMIT with sync {sync.Handle}");
            }
        }

        if (!AsahiCommandBuffer.IsWellFormed(new ReadOnlySpan<byte>((void*)request->Cmdbuf, (int)request->CmdbufSize), _objects))
        {
            return Violation("SUBMIT with a wrong command buffer");
        }

        SoftwareFence fence = File.Device.BeginWork();
        File.SetSyncobj(syncs[^1].Handle, fence);
        fence.RemoveUser();
        return 0;
    }
}
