using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>The requests that most tests need, in one line each.</summary>
internal static class GpuGuestResources
{
    public static VirtioGpuResourceCreate2d Create2dRequest(
        uint id, uint width, uint height, VirtioGpuFormats format = VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM) => new()
        {
            Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_2D },
            ResourceId = id,
            Format = format,
            Width = width,
            Height = height,
        };

    public static void Create2d(
        this GpuGuest guest, uint id, uint width, uint height,
        VirtioGpuFormats format = VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM) =>
        guest.Do(Create2dRequest(id, width, height, format));

    public static VirtioGpuResourceReference Reference(VirtioGpuCtrlType type, uint id, uint context = 0) =>
        new() { Hdr = { Type = type, CtxId = context }, ResourceId = id };

    public static byte[] Entries(params (ulong Address, uint Length)[] pieces) => MemoryMarshal.AsBytes<VirtioGpuMemEntry>(
        [.. pieces.Select(piece => new VirtioGpuMemEntry { Addr = piece.Address, Length = piece.Length })]).ToArray();

    public static VirtioGpuResourceAttachBacking AttachRequest(uint id, int count) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING },
        ResourceId = id,
        NrEntries = (uint)count,
    };

    public static void Attach(this GpuGuest guest, uint id, params (ulong Address, uint Length)[] pieces) =>
        guest.Do(AttachRequest(id, pieces.Length), Entries(pieces));

    /// <summary>Attaches one contiguous piece of fresh memory.</summary>
    /// <returns>Its guest address.</returns>
    public static ulong AttachFresh(this GpuGuest guest, uint id, int bytes)
    {
        ulong address = guest.Memory.Allocate(bytes, 4096);
        guest.Attach(id, (address, (uint)bytes));
        return address;
    }

    public static VirtioGpuTransferToHost2d TransferRequest(uint id, VirtioGpuRect area, ulong offset) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D },
        ResourceId = id,
        R = area,
        Offset = offset,
    };

    public static VirtioGpuSetScanout SetScanoutRequest(uint scanout, uint id, VirtioGpuRect area) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_SET_SCANOUT },
        ScanoutId = scanout,
        ResourceId = id,
        R = area,
    };

    public static VirtioGpuResourceFlush FlushRequest(uint id, VirtioGpuRect area) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_FLUSH },
        ResourceId = id,
        R = area,
    };

    public static VirtioGpuUpdateCursor CursorRequest(
        VirtioGpuCtrlType type, uint scanout, uint id, int x, int y, uint hotX = 0, uint hotY = 0) => new()
        {
            Hdr = { Type = type },
            Pos = { ScanoutId = scanout, X = (uint)x, Y = (uint)y },
            ResourceId = id,
            HotX = hotX,
            HotY = hotY,
        };
}
