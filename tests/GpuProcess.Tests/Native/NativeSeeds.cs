using SplitVmm.GpuProcess.Native.Amdgpu;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.I915;
using SplitVmm.GpuProcess.Native.Msm;
using SplitVmm.GpuProcess.Tests.Native.Sessions;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using SplitVmm.SoftwareDrm.Sessions;
using static SplitVmm.GpuProcess.Native.Amdgpu.AmdgpuCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.GpuProcess.Native.I915.I915Ccmd;
using static SplitVmm.GpuProcess.Native.I915.I915Uapi;
using static SplitVmm.GpuProcess.Native.Msm.MsmCcmd;
using static SplitVmm.GpuProcess.Native.Msm.MsmUapi;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>For each driver a device, and commands of a session, each of them right in a context that has made the objects.</summary>
internal static class NativeSeeds
{
    public static SoftwareDrmDevice Device(string driver) => driver switch
    {
        "asahi" => SoftwareAsahi.CreateDevice(),
        "msm" => SoftwareMsm.CreateDevice(),
        "amdgpu" => SoftwareAmdgpu.CreateDevice(),
        "i915" => SoftwareI915.CreateDevice(),
        _ => throw new ArgumentOutOfRangeException(nameof(driver)),
    };

    /// <summary>Sessions to change: a recorded one, and one of every command.</summary>
    public static SessionEvent[][] Sessions(string driver) => [Recorded(driver), Whole(driver)];

    /// <summary>What a guest with this driver asked in the lab (<c>SPLITVMM_NATIVE_RECORD=1</c>).</summary>
    public static SessionEvent[] Recorded(string driver) =>
        SessionFile.Load(SourceTree.Path("tests", "GpuProcess.Tests", "Native", "Sessions", driver + ".gz"));

    /// <summary>The single commands of <see cref="Recorded"/>.</summary>
    public static byte[][] RecordedCommands(string driver) =>
        [.. Recorded(driver).SelectMany(done => CommandRanges.Of(done.Stream).Select(range => done.Stream[range]))];

    /// <summary>The session in its order: what makes something comes before what uses it.</summary>
    /// <param name="id">Of the first kernel object that a context makes, here and below: the device counts from there.</param>
    /// <param name="blob">Of an object that the session makes.</param>
    public static byte[][] Session(string driver, uint id, uint blob) => driver switch
    {
        "asahi" => Asahi(id, blob),
        "msm" => Msm(id, blob),
        "amdgpu" => Amdgpu(id, blob),
        _ => I915(id, blob),
    };

    /// <summary>Two contexts that send <see cref="Session"/>, one object for both.</summary>
    private static SessionEvent[] Whole(string driver)
    {
        const uint Blob = 7;
        ulong size = driver == "asahi" ? 1UL << 14 : 4096;
        var session = new List<SessionEvent>();
        for (uint context = 1; context <= 2; context++)
        {
            session.Add(new SessionEvent(SessionEventKind.CreateContext, context));
            session.Add(new SessionEvent(SessionEventKind.CreateBlob, context, 1000 + context, 0, 0x4000, (uint)NativeRig.Mappable, []));
            session.Add(new SessionEvent(SessionEventKind.Export, 0, 1000 + context));
            foreach (byte[] command in Session(driver, 1, Blob))
            {
                session.Add(new SessionEvent(context, command));
                session.Add(new SessionEvent(SessionEventKind.Fence, context, 1));
                // Refused until the command was sent that makes it; and the first one's is the second one's, too.
                session.Add(new SessionEvent(SessionEventKind.CreateBlob, context, Blob, Blob, size, (uint)NativeRig.Shared, []));
                session.Add(new SessionEvent(SessionEventKind.Attach, context, Blob));
            }
        }

        session.Add(new SessionEvent(SessionEventKind.Detach, 1, Blob));
        session.Add(new SessionEvent(SessionEventKind.Export, 0, Blob));
        session.Add(new SessionEvent(SessionEventKind.DestroyContext, 1));
        session.Add(new SessionEvent(SessionEventKind.DestroyResource, 0, Blob));
        return [.. session];
    }

    private static byte[][] Asahi(uint space, uint blob)
    {
        uint queue = space + 1;
        byte[] render = AsahiGuest.Render();
        return
        [
            One(ASAHI_CCMD_NOP, default(VdrmCcmdReq)),
            One(ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 592 } }),
            Ioctl(ASAHI_CCMD_IOCTL_SIMPLE, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate
            {
                KernelStart = SoftwareAsahi.VmEnd - SoftwareAsahi.KernelMinSize,
                KernelEnd = SoftwareAsahi.VmEnd,
            }),
            Ioctl(ASAHI_CCMD_IOCTL_SIMPLE, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = space, Priority = DRM_ASAHI_PRIORITY_MEDIUM }),
            Ioctl(ASAHI_CCMD_IOCTL_SIMPLE, DRM_IOCTL_ASAHI_GET_TIME, default(DrmAsahiGetTime)),
            One(ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(space, blob, 1 << 14)),
            One(ASAHI_CCMD_VM_BIND, new AsahiCcmdVmBindReq { VmId = space, Stride = 32, Count = 1 }, VdrmStream.Bytes(
                new DrmAsahiGemBindOp { Flags = DRM_ASAHI_BIND_READ, Handle = blob, Range = 1 << 14, Addr = AsahiGuest.Address })),
            One(ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = { Flags = 1, Handle = blob, Range = 1 << 14 } }),
            One(ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(queue, render, 1), [.. render, .. VdrmStream.Bytes(
                new AsahiCcmdSubmitRes { ResId = blob, Flags = AsahiCcmdSubmitRes.ASAHI_EXTRES_READ | AsahiCcmdSubmitRes.ASAHI_EXTRES_WRITE })]),
            One(ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = { Op = 1, ObjectHandle = queue + 1 } }),
            Ioctl(ASAHI_CCMD_IOCTL_SIMPLE, DRM_IOCTL_ASAHI_QUEUE_DESTROY, new DrmAsahiQueueDestroy { QueueId = queue }),
            Ioctl(ASAHI_CCMD_IOCTL_SIMPLE, DRM_IOCTL_ASAHI_VM_DESTROY, new DrmAsahiVmDestroy { VmId = space }),
        ];
    }

    private static byte[][] Msm(uint queue, uint blob) =>
    [
        One(MSM_CCMD_NOP, default(VdrmCcmdReq)),
        Ioctl(MSM_CCMD_IOCTL_SIMPLE, DRM_IOCTL_MSM_GET_PARAM, new DrmMsmParam { Pipe = MSM_PIPE_3D0, Param = MSM_PARAM_GPU_ID }),
        Ioctl(MSM_CCMD_IOCTL_SIMPLE, DRM_IOCTL_MSM_SUBMITQUEUE_NEW, default(DrmMsmSubmitqueue)),
        One(MSM_CCMD_GEM_NEW, MsmGuest.GemNew(blob, 4096)),
        One(MSM_CCMD_GEM_SET_NAME, new MsmCcmdGemSetNameReq { ResId = blob, Len = 4 }, "name"u8),
        One(MSM_CCMD_GEM_UPLOAD, new MsmCcmdGemUploadReq { ResId = blob, Off = 16, Len = 8 }, new byte[8]),
        One(MSM_CCMD_GEM_SUBMIT, MsmGuest.SubmitRequest(queue), MsmGuest.SubmitTail(blob)),
        One(MSM_CCMD_GEM_CPU_PREP, new MsmCcmdGemCpuPrepReq { ResId = blob, Op = MSM_PREP_READ }),
        One(MSM_CCMD_WAIT_FENCE, new MsmCcmdWaitFenceReq { QueueId = queue, Fence = 1 }),
        One(MSM_CCMD_SUBMITQUEUE_QUERY, new MsmCcmdSubmitqueueQueryReq { QueueId = queue, Len = 4 }),
        One(MSM_CCMD_SET_DEBUGINFO, new MsmCcmdSetDebuginfoReq { CommLen = 4 }, "comm"u8),
        One(MSM_CCMD_GEM_SET_IOVA, new MsmCcmdGemSetIovaReq { ResId = blob }),
        Ioctl(MSM_CCMD_IOCTL_SIMPLE, DRM_IOCTL_MSM_SUBMITQUEUE_CLOSE, queue),
    ];

    private static byte[][] Amdgpu(uint context, uint blob)
    {
        byte[] chunks = AmdgpuGuest.Chunks(blob, context);
        return
        [
            One(AMDGPU_CCMD_QUERY_INFO, new AmdgpuCcmdQueryInfoReq { Info = { Query = AmdgpuUapi.AMDGPU_INFO_DEV_INFO, ReturnSize = 448 } }),
            One(AMDGPU_CCMD_QUERY_INFO, AmdgpuGuest.Registers(4)),
            One(AMDGPU_CCMD_CREATE_CTX, default(AmdgpuCcmdCreateCtxReq)),
            One(AMDGPU_CCMD_GEM_NEW, AmdgpuGuest.GemNew(blob, 4096)),
            One(AMDGPU_CCMD_BO_VA_OP, AmdgpuGuest.Map(blob, 4096)),
            One(AMDGPU_CCMD_BO_VA_OP, AmdgpuGuest.MapSparse(1 << 20)),
            One(AMDGPU_CCMD_SET_METADATA, new AmdgpuCcmdSetMetadataReq { ResId = blob, TilingInfo = 9, SizeMetadata = 8 }, new byte[8]),
            One(AMDGPU_CCMD_BO_QUERY_INFO, new AmdgpuCcmdBoQueryInfoReq { ResId = blob }),
            One(AMDGPU_CCMD_RESERVE_VMID, default(AmdgpuCcmdReserveVmidReq)),
            One(AMDGPU_CCMD_SET_PSTATE, new AmdgpuCcmdSetPstateReq { CtxId = context, Op = AmdgpuUapi.AMDGPU_CTX_OP_GET_STABLE_PSTATE }),
            One(AMDGPU_CCMD_CS_SUBMIT, AmdgpuGuest.Submission(context, 4), chunks),
            One(AMDGPU_CCMD_CS_QUERY_FENCE_STATUS, new AmdgpuCcmdCsQueryFenceStatusReq { CtxId = context, Fence = 1, TimeoutNs = 1000 }),
            One(AMDGPU_CCMD_GEM_NEW, AmdgpuGuest.GemNew(blob + 100, 4096) with { Flags = AmdgpuUapi.AMDGPU_GEM_CREATE_VM_ALWAYS_VALID }),
            One(AMDGPU_CCMD_RESERVE_VMID, new AmdgpuCcmdReserveVmidReq { Flags = 1 }),
            One(AMDGPU_CCMD_CREATE_CTX, new AmdgpuCcmdCreateCtxReq { Id = context, Flags = 1 }),
        ];
    }

    private static byte[][] I915(uint context, uint blob)
    {
        byte[] regions = I915Guest.Regions();
        byte[] param = [.. I915Guest.Param(I915_CONTEXT_PARAM_VM, context + 1), .. I915Guest.Param(I915_CONTEXT_PARAM_ENGINES, 0, new byte[12])];
        return
        [
            One(I915_CCMD_GETPARAM, new I915CcmdGetparamReq { Param = 4 }),
            One(I915_CCMD_QUERYPARAM, new I915CcmdQueryparamReq { QueryId = 2, Length = 64 }),
            Simple(DRM_IOCTL_I915_GEM_CONTEXT_CREATE, default(DrmI915GemContextId)),
            Simple(DRM_IOCTL_I915_GEM_VM_CREATE, default(DrmI915GemVmControl)),
            One(I915_CCMD_GEM_CONTEXT_CREATE, new I915CcmdGemContextCreateReq { ParamsSize = (uint)param.Length }, param),
            Simple(DRM_IOCTL_I915_GEM_CONTEXT_GETPARAM, new DrmI915GemContextParam { CtxId = context, Param = I915_CONTEXT_PARAM_PRIORITY }),
            Simple(DRM_IOCTL_I915_GEM_CONTEXT_SETPARAM, new DrmI915GemContextParam { CtxId = context, Param = I915_CONTEXT_PARAM_VM, Value = context + 1 }),
            One(I915_CCMD_GEM_CREATE_EXT, new I915CcmdGemCreateExtReq { Size = 4096, BlobId = blob, ExtSize = (uint)regions.Length }, regions),
            One(I915_CCMD_GEM_SET_MMAP_MODE, new I915CcmdGemReq { ResId = blob, Flags = 1 }),
            Simple(DRM_IOCTL_I915_GEM_GET_TILING, new DrmI915GemTiling { Handle = blob }),
            Simple(DRM_IOCTL_I915_GEM_SET_DOMAIN, new DrmI915GemSetDomain { Handle = blob }),
            One(I915_CCMD_GEM_EXECBUFFER2, I915Guest.Execute(context), I915Guest.ExecuteTail(blob)),
            One(I915_CCMD_GEM_BUSY, new I915CcmdGemReq { ResId = blob }),
            Simple(DRM_IOCTL_I915_GET_RESET_STATS, new DrmI915ResetStats { CtxId = context }),
            Simple(DRM_IOCTL_I915_REG_READ, new DrmI915RegRead { Offset = RCS_TIMESTAMP }),
            One(I915_CCMD_GEM_CREATE, new I915CcmdGemCreateReq { Size = 4096, BlobId = blob + 100 }),
            Simple(DRM_IOCTL_I915_GEM_CONTEXT_DESTROY, new DrmI915GemContextId { CtxId = context }),
            Simple(DRM_IOCTL_I915_GEM_VM_DESTROY, new DrmI915GemVmControl { VmId = context + 1 }),
        ];

        static byte[] Simple<T>(uint number, T argument)
            where T : unmanaged => One(I915_CCMD_IOCTL_SIMPLE, new I915CcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument));
    }

    private static byte[] One<T>(Enum command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged => new VdrmStream().Add(command, request, tail).Take();

    // The structure before the argument is the same in these drivers: a header and the ioctl's number.
    private static byte[] Ioctl<T>(Enum command, uint number, T argument)
        where T : unmanaged => One(command, new AsahiCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument));
}
