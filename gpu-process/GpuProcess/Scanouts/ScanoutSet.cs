using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>The scanouts of the device, and which of them wait to be shown.</summary>
internal sealed class ScanoutSet
{
    // Pictures of all scanouts together; each is kept up to three times for the display.
    private const ulong MaxPictureBytes = 512UL << 20;

    private readonly Scanout[] _scanouts;
    private readonly ScanoutPresenter _presenter;

    public ScanoutSet(int count, ScanoutPresenter presenter)
    {
        _presenter = presenter;
        _scanouts = new Scanout[count];
        for (int i = 0; i < count; i++)
        {
            _scanouts[i] = new Scanout((uint)i);
        }
    }

    public int Count => _scanouts.Length;

    /// <summary>Bit n: scanout n was set and not flushed since.</summary>
    public uint Unflushed { get; private set; }

    public Scanout this[uint scanout] => _scanouts[scanout];

    /// <summary>Whether a picture of this size can be shown on a scanout beside the others.</summary>
    public bool HasRoomFor(uint scanout, in VirtioGpuRect area)
    {
        ulong bytes = (ulong)area.Width * area.Height * PixelFormats.BytesPerPixel;
        foreach (Scanout other in _scanouts)
        {
            bytes += other.Id == scanout ? 0 : (ulong)other.Area.Width * other.Area.Height * PixelFormats.BytesPerPixel;
        }

        return bytes <= MaxPictureBytes;
    }

    /// <summary>
    /// Shows a part of a resource. The picture is read at the flush that drivers send next, or at
    /// <see cref="PresentUnflushed"/> if none comes: reading it at both would double the work of a page flip.
    /// </summary>
    /// <param name="layout">How the picture lies in the resource, if that is a blob.</param>
    public void Show(uint scanout, GpuResource resource, in VirtioGpuRect area, BlobLayout? layout = null)
    {
        _scanouts[scanout].Show(resource, area, layout);
        Unflushed |= 1u << (int)scanout;
    }

    public void TurnOff(uint scanout)
    {
        _scanouts[scanout].TurnOff();
        Unflushed &= ~(1u << (int)scanout);
        _presenter.Present(_scanouts[scanout]);
    }

    /// <summary>VIRTIO_GPU_CMD_RESOURCE_FLUSH: shows what changed of a resource on every scanout that has it.</summary>
    public void Flush(GpuResource resource, in VirtioGpuRect area)
    {
        if (resource.Scanouts == 0)
        {
            return;
        }

        foreach (Scanout scanout in _scanouts)
        {
            if (scanout.Resource == resource)
            {
                scanout.Touch(area);
                Unflushed &= ~(1u << (int)scanout.Id);
                _presenter.Present(scanout);
            }
        }
    }

    /// <summary>The resource goes away: scanouts that show it are off.</summary>
    public void Remove(GpuResource resource)
    {
        for (uint i = 0; i < _scanouts.Length && resource.Scanouts != 0; i++)
        {
            if (_scanouts[i].Resource == resource)
            {
                TurnOff(i);
            }
        }

        if (resource.Export?.Picture is { } picture)
        {
            foreach (Scanout scanout in _scanouts)
            {
                _presenter.ForgetPicture(scanout, picture);
            }
        }
    }

    /// <summary>The display cannot show dma-bufs of a scanout.</summary>
    public void RefuseDmaBufs(uint scanout)
    {
        if (scanout < _scanouts.Length)
        {
            _presenter.RefuseDmaBufs(_scanouts[scanout]);
        }
    }

    public void PresentUnflushed()
    {
        for (int i = 0; i < _scanouts.Length && Unflushed != 0; i++)
        {
            if ((Unflushed & (1u << i)) != 0)
            {
                Unflushed &= ~(1u << i);
                _presenter.Present(_scanouts[i]);
            }
        }
    }

    /// <summary>The display can take more: shows what waits, on one scanout.</summary>
    public void PresentOne(uint scanout)
    {
        if (scanout < _scanouts.Length && (Unflushed & (1u << (int)scanout)) == 0)
        {
            _presenter.Present(_scanouts[scanout]);
        }
    }

    public void PresentAll()
    {
        Unflushed = 0;
        foreach (Scanout scanout in _scanouts)
        {
            _presenter.Present(scanout);
        }
    }

    /// <summary>The display has gone, or a new one knows nothing yet.</summary>
    public void ForgetDisplay()
    {
        foreach (Scanout scanout in _scanouts)
        {
            ScanoutPresenter.Forget(scanout);
        }
    }

    /// <summary>All off, as after a reset of the device.</summary>
    public void Reset()
    {
        for (uint i = 0; i < _scanouts.Length; i++)
        {
            TurnOff(i);
        }
    }
}
