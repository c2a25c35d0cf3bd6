using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>Brings scanouts to the display without copying them: the resource's own memory goes over the wire.</summary>
/// <param name="isOn">False: the user does not want it.</param>
internal sealed class DmaBufPresenter(PictureExports exports, FlipWait flips, GpuStatistics statistics, bool isOn)
{
    /// <summary>What the display and this process can do; None: no display.</summary>
    public DisplayTransports Transports { get; set; }

    /// <summary>Shows what changed, as far as the display can take it now.</summary>
    /// <param name="why">If the scanout has to go another way: the reason, in one line.</param>
    /// <returns>False: nothing was done, for that reason.</returns>
    public bool TryPresent(Scanout scanout, DisplayWireSource wire, out string why)
    {
        if (!TryFind(scanout, wire, out ExportedPicture? picture, out why))
        {
            return false;
        }

        if (!TryConfigure(scanout, picture!, wire) || scanout.Damage.IsEmpty)
        {
            return true;
        }

        DmaBufScanout shown = scanout.DmaBufs!;
        uint? slot = shown.Find(picture!, scanout.Area.X, scanout.Area.Y) ?? TryAdd(scanout, shown, picture!, wire);
        if (slot is not { } buffer)
        {
            return true;
        }

        if (wire.IsBufferFree(scanout.Id, buffer))
        {
            Send(scanout, shown, picture!, buffer, wire);
        }
        else
        {
            statistics.FramesCoalesced++;
        }

        return true;
    }

    /// <summary>A picture goes away: the display need not keep it.</summary>
    public static void Forget(Scanout scanout, ExportedPicture picture, DisplayWireSource? wire)
    {
        while (scanout.DmaBufs?.FindAny(picture) is { } slot)
        {
            scanout.DmaBufs.Clear(slot);
            // Where the wire is full, the next picture takes its place.
            _ = wire?.ForgetBuffer(scanout.Id, slot);
        }
    }

    private bool TryFind(Scanout scanout, DisplayWireSource wire, out ExportedPicture? picture, out string why)
    {
        picture = null;
        why = !isOn ? "--gpu dmabuf=off"
            : (Transports & DisplayTransports.DmaBuf) == 0 ? "the display takes no dma-bufs"
            : scanout.IsDmaBufRefused ? "the display could not show the dma-buf"
            : "";
        if (why.Length > 0 || (picture = exports.TryGet(scanout.Resource!, scanout.Layout, out why)) is null)
        {
            return false;
        }

        bool isPart = (scanout.Area.Width, scanout.Area.Height) != SizeOf(scanout);
        why = picture.Modifier == DrmModifiers.DRM_FORMAT_MOD_INVALID ? "the driver does not say how the picture lies in memory"
            : !wire.CanShow(picture.Format, picture.Modifier) ? $"the display does not show dma-bufs of {picture.Format} with modifier 0x{picture.Modifier:x}"
            : (Transports & DisplayTransports.Mapped) != 0 && !picture.IsOrdinaryMemory ? "the display reads dma-bufs by CPU, which memory of a renderer is not for"
            : isPart && picture.Modifier != DrmModifiers.DRM_FORMAT_MOD_LINEAR
                ? "a part of the picture is shown, and its rows are not plain ones"
            : DmaBufValidation.Check(Describe(scanout, picture, generation: 0))?.ToString() ?? "";
        return why.Length == 0;
    }

    private static (uint Width, uint Height) SizeOf(Scanout scanout) => scanout.Layout is { } layout
        ? (layout.Width, layout.Height)
        : (scanout.Resource!.Width, scanout.Resource.Height);

    private static DmaBufConfiguration Describe(Scanout scanout, ExportedPicture picture, uint generation) => new()
    {
        Scanout = scanout.Id,
        Generation = generation,
        Width = scanout.Area.Width,
        Height = scanout.Area.Height,
        Format = picture.Format,
        Flags = picture.Flags,
        Modifier = picture.Modifier,
        PlaneCount = (uint)picture.Planes.Length,
    };

    private bool TryConfigure(Scanout scanout, ExportedPicture picture, DisplayWireSource wire)
    {
        if (scanout.DmaBufs is { } current && scanout.IsOnWire && Fits(current.Configuration, scanout, picture))
        {
            return true;
        }

        DmaBufConfiguration wanted = Describe(scanout, picture, scanout.Generation + 1);
        if (wire.SetScanout(in wanted) != SocketStatus.Done)
        {
            return false;
        }

        scanout.DropBuffers();
        scanout.Generation++;
        scanout.DmaBufs = new DmaBufScanout(in wanted);
        scanout.IsOnWire = true;
        scanout.Damage.SetAll(scanout.Area.Width, scanout.Area.Height);
        flips.End(scanout.Id);
        return true;
    }

    private static bool Fits(in DmaBufConfiguration current, Scanout scanout, ExportedPicture picture) =>
        current.Width == scanout.Area.Width && current.Height == scanout.Area.Height && current.Format == picture.Format
        && current.Flags == picture.Flags && current.Modifier == picture.Modifier && current.PlaneCount == picture.Planes.Length;

    private static uint? TryAdd(Scanout scanout, DmaBufScanout shown, ExportedPicture picture, DisplayWireSource wire)
    {
        if (shown.FindRoom(wire) is not { } slot)
        {
            return null;
        }

        VirtioGpuRect area = scanout.Area;
        var buffer = new DmaBufBuffer { Scanout = scanout.Id, Generation = shown.Configuration.Generation, Buffer = slot };
        for (int i = 0; i < picture.Planes.Length; i++)
        {
            buffer.Planes[i] = picture.Planes[i];
        }

        // Only a picture of one linear plane is shown in part; the area lies inside it.
        uint firstRow = (picture.Flags & ScanoutFlags.Y0Top) != 0 ? area.Y : SizeOf(scanout).Height - area.Height - area.Y;
        buffer.Planes[0].Offset += (firstRow * picture.Planes[0].Stride) + (area.X * PixelFormats.BytesPerPixel);
        if (wire.SetBuffer(in buffer, picture.Files) != SocketStatus.Done)
        {
            return null;
        }

        shown.Put(slot, picture, area.X, area.Y);
        return slot;
    }

    private void Send(Scanout scanout, DmaBufScanout shown, ExportedPicture picture, uint buffer, DisplayWireSource wire)
    {
        exports.Flush(scanout.Resource!);
        using Descriptor? fence = DmaBuf.TryExportWriters(picture.Files[0]);
        Span<DamageRectangle> damage = stackalloc DamageRectangle[DisplayProtocol.MaxDamageRectangles];
        int count = scanout.Damage.CopyTo(damage);
        var frame = new Frame
        {
            Scanout = scanout.Id,
            Generation = shown.Configuration.Generation,
            Buffer = buffer,
            Sequence = scanout.Sequence + 1,
            Flushed = scanout.Flushed,
        };
        if (wire.SendFrame(frame, damage[..count], fence) != SocketStatus.Done)
        {
            return;
        }

        scanout.WasSent();
        statistics.FramesSent++;
        statistics.DmaBufFrames++;
        statistics.MemFdReason = "";
        if (shown.Show(buffer))
        {
            flips.Begin(scanout.Id, frame.Sequence);
        }
    }
}
