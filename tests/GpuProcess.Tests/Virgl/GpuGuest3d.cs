using System.Runtime.CompilerServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>3D requests in one line each.</summary>
internal static class GpuGuest3d
{
    public const uint PIPE_BUFFER = 0;
    public const uint PIPE_TEXTURE_2D = 2;
    public const uint VIRGL_BIND_RENDER_TARGET = 1 << 1;
    public const uint VIRGL_BIND_SAMPLER_VIEW = 1 << 3;
    public const uint VIRGL_BIND_SCANOUT = 1 << 18;

    public static void CreateContext(this GpuGuest guest, uint context) =>
        guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = context } });

    public static VirtioGpuResourceCreate3d Texture2d(uint id, uint width, uint height, bool topDown) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_3D },
        ResourceId = id,
        Target = PIPE_TEXTURE_2D,
        Format = (uint)VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM,
        Bind = VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_SCANOUT,
        Width = width,
        Height = height,
        Depth = 1,
        ArraySize = 1,
        Flags = topDown ? VirtioGpuResourceCreate3d.VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP : 0,
    };

    public static VirtioGpuTransferHost3d Transfer(
        VirtioGpuCtrlType type, uint context, uint id, in VirtioGpuRect area, ulong offset, uint stride) => new()
        {
            Hdr = { Type = type, CtxId = context },
            ResourceId = id,
            Box = { X = area.X, Y = area.Y, W = area.Width, H = area.Height, D = 1 },
            Offset = offset,
            Stride = stride,
        };

    public static VirtioGpuCmdSubmit SubmitRequest(uint context, byte[] stream) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = context }, Size = (uint)stream.Length };

    /// <summary>Submits with a fence and waits for it.</summary>
    public static VirtioGpuCtrlHdr SubmitAndWait(this GpuGuest guest, uint context, byte[] stream, ulong fence) =>
        guest.Send(Fenced(SubmitRequest(context, stream), fence), stream);

    public static T Fenced<T>(T request, ulong fence)
        where T : unmanaged
    {
        ref VirtioGpuCtrlHdr header = ref Unsafe.As<T, VirtioGpuCtrlHdr>(ref request);
        header.Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE;
        header.FenceId = fence;
        return request;
    }
}
