using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Native.Msm;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.SoftwareDrm.Drivers;

/// <summary>An Adreno 630 of software (kernel driver <c>msm</c>): parameters, queues, submissions.</summary>
internal sealed unsafe class SoftwareMsm(SoftwareDrmFile file) : SoftwareDriver(file)
{
    public const ulong VaStart = 0x1_0000_0000;
    public const ulong VaSize = 0x1000_0000_0000;

    private readonly Dictionary<uint, uint> _queues = [];
    private uint _next = 1;

    public static SoftwareDrmDevice CreateDevice(uint minor = 12) =>
        new(new DrmDriverVersion("msm", 1, minor, 0), file => new SoftwareMsm(file));

    public override int Count => _queues.Count;

    public override int? Ioctl(uint number, void* argument) => number switch
    {
        DRM_IOCTL_MSM_GET_PARAM => GetParam((DrmMsmParam*)argument),
        DRM_IOCTL_MSM_GEM_NEW => Create((DrmMsmGemNew*)argument),
        DRM_IOCTL_MSM_GEM_INFO => Info((DrmMsmGemInfo*)argument),
        DRM_IOCTL_MSM_GEM_CPU_PREP => Prepare((DrmMsmGemCpuPrep*)argument),
        DRM_IOCTL_MSM_GEM_SUBMIT => Submit((DrmMsmGemSubmit*)argument),
        DRM_IOCTL_MSM_WAIT_FENCE => Wait((DrmMsmWaitFence*)argument),
        DRM_IOCTL_MSM_SUBMITQUEUE_NEW => NewQueue((DrmMsmSubmitqueue*)argument),
        DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE => _queues.Remove(*(uint*)argument) ? 0 : Violation("SUBMITQUEUE_CLOSE of none"),
        DRM_IOCTL_MSM_SUBMITQUEUE_QUERY => Query((DrmMsmSubmitqueueQuery*)argument),
        _ => null,
    };

    private int GetParam(DrmMsmParam* request)
    {
        if (request->Pipe != MSM_PIPE_3D0 || request->Len != 0 || request->Pad != 0 || request->Value != 0)
        {
            return Violation("GET_PARAM");
        }

        ulong? value = request->Param switch
        {
            MSM_PARAM_GPU_ID => 630,
            MSM_PARAM_GMEM_SIZE => 1 << 20,
            MSM_PARAM_CHIP_ID => 0x0603_0001,
            MSM_PARAM_MAX_FREQ => 710_000_000,
            5 => (ulong)Environment.TickCount64,
            MSM_PARAM_GMEM_BASE => 0x10_0000,
            MSM_PARAM_PRIORITIES => 3,
            8 or MSM_PARAM_FAULTS or MSM_PARAM_SUSPENDS or MSM_PARAM_RAYTRACING => 0,
            MSM_PARAM_VA_START => VaStart,
            MSM_PARAM_VA_SIZE => VaSize,
            MSM_PARAM_HIGHEST_BANK_BIT => 15,
            MSM_PARAM_UBWC_SWIZZLE or MSM_PARAM_MACROTILE_MODE => 1,
            MSM_PARAM_UCHE_TRAP_BASE => 0x1_ffff_ffff_0000,
            _ => null,
        };
        request->Value = value ?? 0;
        return value is null ? Violation($"GET_PARAM of {request->Param}") : 0;
    }

    private int Create(DrmMsmGemNew* request)
    {
        if (request->Size == 0 || request->Size % 4096 != 0 || (request->Flags & ~MSM_BO_FLAGS) != 0)
        {
            return Violation("GEM_NEW");
        }

        request->Handle = File.Add(SoftwareGem.Create(request->Size));
        return 0;
    }

    private int Info(DrmMsmGemInfo* request)
    {
        if (File.Gem(request->Handle) is not { } gem || request->Pad != 0)
        {
            return Violation("GEM_INFO");
        }

        return request->Info switch
        {
            MSM_INFO_SET_NAME => request->Len < MaxName && (request->Value != 0 || request->Len == 0) ? 0 : Violation("SET_NAME"),
            MSM_INFO_SET_IOVA => request->Value == 0 || (request->Value >= VaStart && request->Value - VaStart + gem.Size <= VaSize)
                ? 0
                : Violation("SET_IOVA"),
            _ => Violation($"GEM_INFO of {request->Info}"),
        };
    }

    private int Prepare(DrmMsmGemCpuPrep* request)
    {
        if (File.Gem(request->Handle) is not { } gem || (request->Op & MSM_PREP_NOSYNC) == 0 || request->Op > 7)
        {
            return Violation("GEM_CPU_PREP, which must not wait");
        }

        return gem.LastUse is { Status: 0 } ? EBUSY : 0;
    }

    private int NewQueue(DrmMsmSubmitqueue* request)
    {
        if (request->Flags > 1 || request->Prio >= 3)
        {
            return Violation("SUBMITQUEUE_NEW");
        }

        request->Id = _next++;
        _queues.Add(request->Id, 0);
        return 0;
    }

    private int Query(DrmMsmSubmitqueueQuery* request)
    {
        if (request->Param != 0 || request->Pad != 0 || request->Len > 8 || !_queues.ContainsKey(request->Id))
        {
            return Violation("SUBMITQUEUE_QUERY");
        }

        new Span<byte>((void*)request->Data, (int)request->Len).Clear();
        return 0;
    }

    private int Wait(DrmMsmWaitFence* request) => request->Timeout.TvSec != 0 || request->Flags > 1 || !_queues.TryGetValue(request->Queueid, out uint last)
        ? Violation("WAIT_FENCE, which must not wait")
        : request->Fence > last ? EINVAL : File.Device.Outstanding > 0 ? ETIMEDOUT : 0;

    private int Submit(DrmMsmGemSubmit* request)
    {
        const uint Wanted = MSM_PIPE_3D0 | MSM_SUBMIT_FENCE_FD_OUT | MSM_SUBMIT_FENCE_SN_IN;
        if ((request->Flags & ~MSM_SUBMIT_NO_IMPLICIT) != Wanted || !_queues.ContainsKey(request->Queueid) || request->Pad != 0
            || (request->NrInSyncobjs | request->NrOutSyncobjs | request->SyncobjStride) != 0 || (request->InSyncobjs | request->OutSyncobjs) != 0)
        {
            return Violation("GEM_SUBMIT");
        }

        var bos = new ReadOnlySpan<DrmMsmGemSubmitBo>((void*)request->Bos, (int)request->NrBos);
        foreach (ref readonly DrmMsmGemSubmitBo bo in bos)
        {
            if (bo.Flags > 15 || File.Gem(bo.Handle) is null)
            {
                return Violation($"GEM_SUBMIT of object {bo.Handle}");
            }
        }

        foreach (ref readonly DrmMsmGemSubmitCmd cmd in new ReadOnlySpan<DrmMsmGemSubmitCmd>((void*)request->Cmds, (int)request->NrCmds))
        {
            if (cmd.Type is 0 or > 3 || cmd.SubmitIdx >= request->NrBos || cmd.Pad != 0 || cmd.NrRelocs != 0 || cmd.Relocs != 0
                || (ulong)cmd.SubmitOffset + cmd.Size > File.Gem(bos[(int)cmd.SubmitIdx].Handle)!.Size)
            {
                return Violation("GEM_SUBMIT with a wrong command");
            }
        }

        SoftwareFence fence = File.Device.BeginWork();
        foreach (ref readonly DrmMsmGemSubmitBo bo in bos)
        {
            File.Gem(bo.Handle)!.UsedBy(fence);
        }

        _queues[request->Queueid] = request->Fence;
        request->FenceFd = SoftwareDrmFile.TakeNumber(fence.Export());
        fence.RemoveUser();
        return 0;
    }
}
