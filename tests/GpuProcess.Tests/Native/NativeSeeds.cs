using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Msm;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
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
        _ => throw new ArgumentOutOfRangeException(nameof(driver)),
    };

    /// <summary>The session in its order: what makes something comes before what uses it.</summary>
    /// <param name="id">Of the first kernel object that a context makes, here and below: the device counts from there.</param>
    /// <param name="blob">Of an object that the session makes.</param>
    public static byte[][] Session(string driver, uint id, uint blob) => driver == "asahi" ? Asahi(id, blob) : Msm(id, blob);

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
            Ioctl(ASAHI_CCMD_IOCTL_SIMPLE, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = space }),
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

    private static byte[] One<T>(Enum command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged => new VdrmStream().Add(command, request, tail).Take();

    // The structure before the argument is the same in all drivers: a header and the ioctl's number.
    private static byte[] Ioctl<T>(Enum command, uint number, T argument)
        where T : unmanaged => One(command, new AsahiCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument));
}
