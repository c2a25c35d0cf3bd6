using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>A picture in dma-bufs as it can be handed on to another process: descriptors of its own, and where the planes lie.</summary>
internal sealed class DmaBufImage : IDisposable
{
    private readonly DmaBufBuffer _buffer;

    private DmaBufImage(in DmaBufConfiguration configuration, in DmaBufBuffer buffer, Descriptor[] planes)
    {
        Configuration = configuration;
        _buffer = buffer;
        Planes = planes;
    }

    public DmaBufConfiguration Configuration { get; }

    /// <summary>One for each plane; they stay this object's.</summary>
    public IReadOnlyList<Descriptor> Planes { get; }

    public bool IsUpright => (Configuration.Flags & ScanoutFlags.Y0Top) != 0;

    /// <summary>One plane, from its first byte on.</summary>
    public bool IsSimple => Planes.Count == 1 && _buffer.Planes[0].Offset == 0;

    public DmaBufPlane Layout(int plane) => _buffer.Planes[plane];

    /// <param name="planes">They stay the caller's.</param>
    public static DmaBufImage Duplicate(in DmaBufConfiguration configuration, in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes)
    {
        var copies = new Descriptor[planes.Length];
        for (int i = 0; i < copies.Length; i++)
        {
            copies[i] = planes[i].Duplicate();
        }

        return new DmaBufImage(in configuration, in buffer, copies);
    }

    public void Dispose()
    {
        foreach (Descriptor plane in Planes)
        {
            plane.Dispose();
        }
    }
}
