using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>
/// Brings scanouts to the display: reads pixels back into a free buffer and sends it. Where no buffer is free or
/// the wire is full, changes unite until there is room; the guest never waits for the display.
/// </summary>
internal sealed unsafe class ScanoutPresenter(
    PictureReader pictures, DmaBufPresenter dmaBufs, FlipWait flips, GpuStatistics statistics, Action<string> log)
{
    /// <summary>The wire to a display that has said hello; null: nobody looks.</summary>
    public DisplayWireSource? Wire { get; set; }

    /// <summary>Shows what changed, as far as the display can take it now.</summary>
    public void Present(Scanout scanout)
    {
        if (Wire is null || scanout.IsStale)
        {
            return;
        }

        string why = "";
        if (scanout.Resource is not null && dmaBufs.TryPresent(scanout, Wire, out why))
        {
            return;
        }

        if (!Configure(scanout, Wire) || scanout.Resource is null || scanout.Damage.IsEmpty)
        {
            return;
        }

        statistics.MemFdReason = why;

        FrameBuffers buffers = scanout.Buffers!;
        for (uint buffer = 0; buffer < buffers.Count; buffer++)
        {
            if (Wire.IsBufferFree(scanout.Id, buffer))
            {
                Send(scanout, buffers, buffer, Wire);
                return;
            }
        }

        statistics.FramesCoalesced++;
    }

    /// <summary>A display has come or gone: it knows nothing of this scanout.</summary>
    public static void Forget(Scanout scanout)
    {
        scanout.IsOnWire = false;
        scanout.DmaBufs = null;
        scanout.IsDmaBufRefused = false;
        if (scanout.Resource is not null)
        {
            scanout.Damage.SetAll(scanout.Area.Width, scanout.Area.Height);
        }
    }

    /// <summary>The display cannot show the scanout's dma-bufs: it goes by memfd from now on.</summary>
    public void RefuseDmaBufs(Scanout scanout)
    {
        scanout.IsDmaBufRefused = true;
        flips.End(scanout.Id);
        if (scanout.Resource is not null)
        {
            scanout.Damage.SetAll(scanout.Area.Width, scanout.Area.Height);
        }

        Present(scanout);
    }

    /// <summary>A resource goes away whose picture the display may have.</summary>
    public void ForgetPicture(Scanout scanout, ExportedPicture picture) => DmaBufPresenter.Forget(scanout, picture, Wire);

    /// <summary>Makes the display's configuration that of the scanout.</summary>
    /// <returns>False if it is not, because the wire is full, or memory.</returns>
    private bool Configure(Scanout scanout, DisplayWireSource wire)
    {
        if (scanout.Resource is null)
        {
            scanout.DropBuffers();
            flips.End(scanout.Id);
            if (scanout.IsOnWire && wire.DisableScanout(scanout.Id) == SocketStatus.Done)
            {
                scanout.IsOnWire = false;
            }

            return !scanout.IsOnWire;
        }

        if (scanout.Buffers is not { } buffers || !buffers.Fits(scanout.Area.Width, scanout.Area.Height, scanout.Format))
        {
            scanout.DropBuffers();
            flips.End(scanout.Id);
            scanout.IsOnWire = false;
            try
            {
                scanout.Buffers = FrameBuffers.Create(
                    scanout.Id, ++scanout.Generation, scanout.Area.Width, scanout.Area.Height, scanout.Format);
            }
            catch (ErrnoException error)
            {
                log($"scanout {scanout.Id} of {scanout.Area.Width}x{scanout.Area.Height} cannot be shown: {error.Message}");
                scanout.Damage.Clear();
                return false;
            }
        }

        if (!scanout.IsOnWire && wire.SetScanout(scanout.Buffers!.Configuration, scanout.Buffers.Memory) == SocketStatus.Done)
        {
            scanout.IsOnWire = true;
            scanout.Damage.SetAll(scanout.Area.Width, scanout.Area.Height);
            foreach (ref DamageRegion stale in scanout.Stale.AsSpan())
            {
                stale.SetAll(scanout.Area.Width, scanout.Area.Height);
            }
        }

        return scanout.IsOnWire;
    }

    private void Send(Scanout scanout, FrameBuffers buffers, uint buffer, DisplayWireSource wire)
    {
        // The buffer lacks what changed since it was last written, which includes what changed since the last frame.
        ref DamageRegion missing = ref scanout.Stale[buffer];
        missing.Add(in scanout.Damage);
        for (int i = 0; i < missing.Count; i++)
        {
            VirtioGpuRect area = missing[i];
            var source = new VirtioGpuRect(area.X + scanout.Area.X, area.Y + scanout.Area.Y, area.Width, area.Height);
            // Damage lies inside the scanout, the scanout inside its resource (SET_SCANOUT checked it), and the
            // buffer has the scanout's size.
            byte* destination = buffers.PixelAt(buffer, area.X, area.Y);
            if (!pictures.TryRead(scanout.Resource!, scanout.Layout, source, destination, buffers.Configuration.Stride))
            {
                log($"resource {scanout.Resource!.Id} cannot be read for scanout {scanout.Id}");
                scanout.Damage.Clear();
                return;
            }
        }

        Span<DamageRectangle> damage = stackalloc DamageRectangle[DisplayProtocol.MaxDamageRectangles];
        int count = scanout.Damage.CopyTo(damage);
        var frame = new Frame
        {
            Scanout = scanout.Id,
            Generation = buffers.Configuration.Generation,
            Buffer = buffer,
            Sequence = scanout.Sequence + 1,
            Flushed = scanout.Flushed,
        };
        missing.Clear();
        if (wire.SendFrame(frame, damage[..count]) != SocketStatus.Done)
        {
            // The damage stays, and so does what the others lack: the next attempt begins with a free buffer.
            return;
        }

        statistics.FramesSent++;
        statistics.Copies++;
        for (uint other = 0; other < buffers.Count; other++)
        {
            if (other != buffer)
            {
                scanout.Stale[other].Add(in scanout.Damage);
            }
        }

        scanout.WasSent();
    }
}
