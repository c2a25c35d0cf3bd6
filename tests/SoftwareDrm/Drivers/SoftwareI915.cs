using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Native.I915;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.SoftwareDrm.Drivers;

/// <summary>An Intel DG2 of software (kernel driver <c>i915</c>): parameters, queries, contexts, submissions.</summary>
internal sealed unsafe class SoftwareI915(SoftwareDrmFile file) : SoftwareDriver(file)
{
    public const uint DeviceId = 0x5690;

    private readonly HashSet<uint> _contexts = [];
    private readonly HashSet<uint> _spaces = [];
    private uint _next = 1;

    public static SoftwareDrmDevice CreateDevice() => new(new DrmDriverVersion("i915", 1, 6, 0), file => new SoftwareI915(file))
    {
        Pci = new PciIdentity(0, 3, 0, 0, DeviceId, 8),
    };

    public override int Count => _contexts.Count + _spaces.Count;

    public override int? Ioctl(uint number, void* argument) => number switch
    {
        DRM_IOCTL_I915_GETPARAM => GetParam((DrmI915Getparam*)argument),
        DRM_IOCTL_I915_QUERY => Query((DrmI915Query*)argument),
        DRM_IOCTL_I915_GEM_CREATE => Create((DrmI915GemCreate*)argument),
        DRM_IOCTL_I915_GEM_CREATE_EXT => CreateExt((DrmI915GemCreateExt*)argument),
        DRM_IOCTL_I915_GEM_BUSY => Busy((DrmI915GemBusy*)argument),
        DRM_IOCTL_I915_GEM_SET_DOMAIN => SetDomain((DrmI915GemSetDomain*)argument),
        DRM_IOCTL_I915_GEM_SET_TILING or DRM_IOCTL_I915_GEM_GET_TILING => Tiling((DrmI915GemTiling*)argument),
        DRM_IOCTL_I915_GEM_GET_APERTURE => 0,
        DRM_IOCTL_I915_REG_READ => ((DrmI915RegRead*)argument)->Offset >> 3 == RCS_TIMESTAMP >> 3 ? 0 : Violation("REG_READ"),
        DRM_IOCTL_I915_GET_RESET_STATS => IsContext(((DrmI915ResetStats*)argument)->CtxId) ? 0 : Violation("GET_RESET_STATS"),
        DRM_IOCTL_I915_GEM_CONTEXT_CREATE => Take(_contexts, &((DrmI915GemContextId*)argument)->CtxId),
        DRM_IOCTL_I915_GEM_CONTEXT_CREATE_EXT => CreateContext((DrmI915GemContextCreateExt*)argument),
        DRM_IOCTL_I915_GEM_CONTEXT_DESTROY => _contexts.Remove(((DrmI915GemContextId*)argument)->CtxId) ? 0 : Violation("CONTEXT_DESTROY"),
        DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM => GetContextParam((DrmI915GemContextParam*)argument),
        DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM => Check(*(DrmI915GemContextParam*)argument),
        DRM_IOCTL_I915_GEM_VM_CREATE => ((DrmI915GemVmControl*)argument)->Extensions == 0
            ? Take(_spaces, &((DrmI915GemVmControl*)argument)->VmId)
            : Violation("VM_CREATE"),
        DRM_IOCTL_I915_GEM_VM_DESTROY => _spaces.Remove(((DrmI915GemVmControl*)argument)->VmId) ? 0 : Violation("VM_DESTROY"),
        DRM_IOCTL_I915_GEM_EXECBUFFER2_WR => Execute((DrmI915GemExecbuffer2*)argument),
        _ => null,
    };

    private bool IsContext(ulong id) => id == 0 || _contexts.Contains((uint)id);

    private int Take(HashSet<uint> set, uint* id)
    {
        *id = _next++;
        _ = set.Add(*id);
        return 0;
    }

    private static int GetParam(DrmI915Getparam* request)
    {
        *(int*)request->Value = request->Param == I915_PARAM_MMAP_GTT_VERSION ? 5 : request->Param;
        return request->Param is > 0 and < 100 ? 0 : EINVAL;
    }

    private int Query(DrmI915Query* query)
    {
        var item = (DrmI915QueryItem*)query->ItemsPtr;
        if (query->NumItems != 1 || query->Flags != 0 || item->QueryId is 0 or 3 or > 7 || (item->DataPtr == 0) != (item->Length == 0))
        {
            return Violation("QUERY");
        }

        const int Size = 48;
        if (item->Length >= Size)
        {
            new Span<byte>((void*)item->DataPtr, Size).Fill(7);
        }

        item->Length = item->Length is 0 or >= Size ? Size : -EINVAL;
        return 0;
    }

    private int Create(DrmI915GemCreate* request)
    {
        if (request->Size == 0 || request->Size % 4096 != 0)
        {
            return Violation("GEM_CREATE");
        }

        request->Handle = File.Add(SoftwareGem.Create(request->Size));
        return 0;
    }

    private int CreateExt(DrmI915GemCreateExt* request)
    {
        if (request->Size == 0 || request->Size % 4096 != 0 || request->Flags > 1)
        {
            return Violation("GEM_CREATE_EXT");
        }

        for (var link = (I915UserExtension*)request->Extensions; link is not null; link = (I915UserExtension*)link->NextExtension)
        {
            bool right = link->Name switch
            {
                0 => AreRegions((DrmI915GemCreateExtMemoryRegions*)link),
                1 => ((DrmI915GemCreateExtWord*)link)->Value == 0,
                2 => true,
                _ => false,
            };
            if (!right || link->Flags != 0)
            {
                return Violation($"GEM_CREATE_EXT with extension {link->Name}");
            }
        }

        request->Handle = File.Add(SoftwareGem.Create(request->Size));
        return 0;
    }

    private static bool AreRegions(DrmI915GemCreateExtMemoryRegions* regions)
    {
        var named = new ReadOnlySpan<DrmI915GemMemoryClassInstance>((void*)regions->Regions, (int)regions->NumRegions);
        return regions->Pad == 0 && named.Length > 0 && named.ToArray().All(one => one.MemoryClass <= 1);
    }

    private int Busy(DrmI915GemBusy* request)
    {
        if (File.Gem(request->Handle) is not { } gem)
        {
            return Violation("GEM_BUSY");
        }

        request->Busy = gem.LastUse is { Status: 0 } ? 1u : 0;
        return 0;
    }

    private int SetDomain(DrmI915GemSetDomain* request) => File.Gem(request->Handle) is not { } gem ? Violation("SET_DOMAIN")
        : gem.LastUse is { Status: 0 } && File.Device.Completion == Completion.ByHand ? Violation("SET_DOMAIN, which would wait")
        : 0;

    private int Tiling(DrmI915GemTiling* request) =>
        File.Gem(request->Handle) is not null && request->TilingMode <= I915_TILING_LAST ? 0
        : File.Gem(request->Handle) is not null ? EINVAL
        : Violation("tiling of no object");

    private int CreateContext(DrmI915GemContextCreateExt* request)
    {
        if (request->Flags > 3 || ((request->Flags & 1) != 0) != (request->Extensions != 0))
        {
            return Violation("CONTEXT_CREATE_EXT");
        }

        for (var link = (DrmI915GemContextCreateExtSetparam*)request->Extensions; link is not null;
            link = (DrmI915GemContextCreateExtSetparam*)link->Base.NextExtension)
        {
            if (link->Base.Name != 0 || link->Base.Flags != 0 || link->Param.CtxId != 0)
            {
                return Violation("CONTEXT_CREATE_EXT with a wrong link");
            }

            int error = link->Param.Size == 0 ? Check(link->Param)
                : link->Param.Param == I915_CONTEXT_PARAM_ENGINES && *(ulong*)link->Param.Value != 0 ? Violation("engines with extensions")
                : 0;
            if (error != 0)
            {
                return error;
            }
        }

        return Take(_contexts, &request->CtxId);
    }

    private int GetContextParam(DrmI915GemContextParam* request)
    {
        if (!IsContext(request->CtxId) || request->Size != 0 || request->Value != 0)
        {
            return Violation("CONTEXT_GETPARAM");
        }

        if (request->Param == I915_CONTEXT_PARAM_VM)
        {
            uint id;
            _ = Take(_spaces, &id);
            request->Value = id;
        }

        return 0;
    }

    private int Check(in DrmI915GemContextParam param) => !IsContext(param.CtxId) ? Violation("a parameter of no context")
        : param.Param == I915_CONTEXT_PARAM_PRIORITY && (long)param.Value > 0 ? Violation("a priority above the default")
        : param.Param == I915_CONTEXT_PARAM_VM && !_spaces.Contains((uint)param.Value) ? Violation("a space that is none")
        : param.Param is < 3 or > 13 ? Violation($"context parameter {param.Param}")
        : 0;

    private int Execute(DrmI915GemExecbuffer2* request)
    {
        const ulong Forbidden = (3UL << 9) | (3UL << 15) | (7UL << 19) | ~0x3F_FFFFUL;
        if ((request->Flags & Forbidden) != 0 || (request->Flags & I915_EXEC_FENCE_OUT) == 0 || !IsContext(request->Rsvd1)
            || request->Rsvd2 != 0 || request->NumCliprects != 0 || request->CliprectsPtr != 0)
        {
            return Violation("EXECBUFFER2");
        }

        var buffers = new ReadOnlySpan<DrmI915GemExecObject2>((void*)request->BuffersPtr, (int)request->BufferCount);
        foreach (ref readonly DrmI915GemExecObject2 buffer in buffers)
        {
            if (File.Gem(buffer.Handle) is null || buffer.Flags > 255 || buffer.Rsvd2 != 0)
            {
                return Violation($"EXECBUFFER2 of object {buffer.Handle}");
            }

            foreach (DrmI915GemRelocationEntry relocation in new ReadOnlySpan<DrmI915GemRelocationEntry>((void*)buffer.RelocsPtr, (int)buffer.RelocationCount))
            {
                if (relocation.TargetHandle >= request->BufferCount)
                {
                    return Violation("a relocation to no object");
                }
            }
        }

        if (request->BatchLen % 8 != 0)
        {
            return EINVAL;
        }

        SoftwareFence fence = File.Device.BeginWork();
        foreach (ref readonly DrmI915GemExecObject2 buffer in buffers)
        {
            File.Gem(buffer.Handle)!.UsedBy(fence);
        }

        request->Rsvd2 = (ulong)(uint)SoftwareDrmFile.TakeNumber(fence.Export()) << 32;
        fence.RemoveUser();
        return 0;
    }
}
