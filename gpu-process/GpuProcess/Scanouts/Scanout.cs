using System.Diagnostics;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>What one scanout shows, and how far the display knows of it.</summary>
internal sealed class Scanout(uint id)
{
    private DamageRegion _damage;

    public uint Id { get; } = id;

    /// <summary>The resource shown; null: the scanout is off.</summary>
    public GpuResource? Resource { get; private set; }

    /// <summary>The part of the resource that is shown.</summary>
    public VirtioGpuRect Area { get; private set; }

    /// <summary>How the picture lies in the resource, if that is a blob.</summary>
    public BlobLayout? Layout { get; private set; }

    /// <summary>Made when there is a display to show them.</summary>
    public FrameBuffers? Buffers { get; set; }

    /// <summary>What the display has of it as dma-bufs; null: it is shown by <see cref="Buffers"/>, or not at all.</summary>
    public DmaBufScanout? DmaBufs { get; set; }

    /// <summary>This display has refused a dma-buf of this scanout.</summary>
    public bool IsDmaBufRefused { get; set; }

    /// <summary>Whether the display has the current <see cref="Buffers"/>, or <see cref="DmaBufs"/>.</summary>
    public bool IsOnWire { get; set; }

    /// <summary>What changed since the last frame that was sent, in pixels of the scanout.</summary>
    public ref DamageRegion Damage => ref _damage;

    /// <summary>For each buffer what changed since it was last written.</summary>
    public DamageRegion[] Stale { get; } = new DamageRegion[DisplayProtocol.MaxBuffers];

    /// <summary>The resource does not hold yet what the guest drew before: it is not shown before the next flush.</summary>
    public bool IsStale { get; set; }

    /// <summary>Another number for each configuration sent.</summary>
    public uint Generation { get; set; }

    /// <summary>Number of the last frame.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>CLOCK_MONOTONIC in nanoseconds of the first flush after the last frame; 0: there was none.</summary>
    public long Flushed { get; private set; }

    public DrmFourcc Format => Resource is null ? DrmFourcc.None : PixelFormats.ToFourcc(Layout?.Format ?? Resource.Format);

    /// <summary>Shows a part of a resource; all of it counts as changed.</summary>
    public void Show(GpuResource resource, in VirtioGpuRect area, BlobLayout? layout)
    {
        Detach();
        Resource = resource;
        Layout = layout;
        resource.Scanouts |= 1u << (int)Id;
        Area = area;
        _damage.SetAll(area.Width, area.Height);
    }

    /// <summary>Frees the memory that the display was shown; what comes next is another generation.</summary>
    public void DropBuffers()
    {
        Buffers?.Dispose();
        Buffers = null;
        DmaBufs = null;
    }

    public void TurnOff()
    {
        Detach();
        Area = default;
        _damage.Clear();
    }

    /// <summary>Notes a change of the resource.</summary>
    /// <param name="area">In pixels of the resource, inside it.</param>
    public void Touch(in VirtioGpuRect area)
    {
        IsStale = false;
        VirtioGpuRect visible = area.Intersect(Area);
        if (!visible.IsEmpty)
        {
            visible.X -= Area.X;
            visible.Y -= Area.Y;
            _damage.Add(visible);
            if (Flushed == 0)
            {
                // Its ticks are those nanoseconds.
                Flushed = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>The display was sent the next frame, and with it what had changed.</summary>
    public void WasSent()
    {
        Sequence++;
        Flushed = 0;
        _damage.Clear();
    }

    private void Detach()
    {
        if (Resource is { } resource)
        {
            resource.Scanouts &= ~(1u << (int)Id);
            Resource = null;
            Layout = null;
            IsStale = false;
        }
    }
}
