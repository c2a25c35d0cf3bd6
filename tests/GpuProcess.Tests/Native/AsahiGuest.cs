using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>What Mesa's asahi driver does over virtio-gpu, in one line each.</summary>
internal static class AsahiGuest
{
    /// <summary>A place in the guest's address space on the GPU.</summary>
    public const ulong Address = 0x1_0000_0000;

    public static T Simple<T>(this NativeRig rig, uint context, uint number, T argument)
        where T : unmanaged
    {
        byte[] answer = rig.Ask(
            context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument),
            8 + Unsafe.SizeOf<T>());
        Assert.Equal(0, NativeRig.Read<VdrmResultRsp>(answer).Ret);
        return NativeRig.Read<T>(answer.AsSpan(8));
    }

    /// <summary>The same of an ioctl that the kernel writes nothing back for.</summary>
    /// <returns>0, or an error below it.</returns>
    public static int SimpleIn<T>(this NativeRig rig, uint context, uint number, T argument)
        where T : unmanaged
    {
        byte[] answer = rig.Ask(
            context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument), 8);
        return NativeRig.Read<VdrmResultRsp>(answer).Ret;
    }

    public static uint CreateSpace(this NativeRig rig, uint context) => rig.Simple(context, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate
    {
        KernelStart = SoftwareAsahi.VmEnd - SoftwareAsahi.KernelMinSize,
        KernelEnd = SoftwareAsahi.VmEnd,
    }).VmId;

    public static uint CreateQueue(this NativeRig rig, uint context, uint space, uint priority = 0) =>
        rig.Simple(context, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = space, Priority = priority }).QueueId;

    /// <summary>Makes an object, bound at <see cref="Address"/> and its blob id, and a resource of it.</summary>
    public static BlobResource CreateObject(
        this NativeRig rig, uint context, uint space, uint id, ulong size, VirtioGpuBlobFlags flags = NativeRig.Shared)
    {
        rig.Do(context, ASAHI_CCMD_GEM_NEW, GemNew(space, id, size));
        Assert.Equal(VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA, rig.CreateBlob(context, id, id, size, flags, out BlobResource? made));
        return made!;
    }

    public static AsahiCcmdGemNewReq GemNew(uint space, uint id, ulong size) => new()
    {
        BindFlags = DRM_ASAHI_BIND_READ | DRM_ASAHI_BIND_WRITE,
        VmId = space,
        BlobId = id,
        Size = size,
        Addr = Address + ((ulong)id << 24),
    };

    /// <summary>A submission of one command.</summary>
    public static byte[] Render(uint timestamp = 0)
    {
        byte[] buffer = new byte[8 + RenderSize];
        MemoryMarshal.Write(buffer, new DrmAsahiCmdHeader
        {
            CmdType = DRM_ASAHI_CMD_RENDER,
            Size = RenderSize,
            VdmBarrier = 0xFFFF,
            CdmBarrier = 0xFFFF,
        });
        MemoryMarshal.Write(buffer.AsSpan(8 + RenderTimestamps), timestamp);
        return buffer;
    }

    public static void Submit(this NativeRig rig, uint context, uint queue, byte[] buffer, params ReadOnlySpan<AsahiCcmdSubmitRes> external) =>
        rig.Do(context, ASAHI_CCMD_SUBMIT, SubmitRequest(queue, buffer, external.Length), [.. buffer, .. MemoryMarshal.AsBytes(external)]);

    public static AsahiCcmdSubmitReq SubmitRequest(uint queue, byte[] buffer, int external = 0) =>
        new() { QueueId = queue, CmdbufSize = (uint)buffer.Length, ExtresCount = (uint)external };
}
