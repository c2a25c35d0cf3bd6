using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>The memory of one scanout that the display sees: a sealed memfd of a few buffers of one size.</summary>
internal sealed unsafe class FrameBuffers : IDisposable
{
    private const uint WantedBuffers = 3;
    private const uint Page = 4096;

    private readonly SharedMapping _mapping;

    private FrameBuffers(MemFd memory, SharedMapping mapping, in ScanoutConfiguration configuration)
    {
        Memory = memory;
        _mapping = mapping;
        Configuration = configuration;
    }

    public MemFd Memory { get; }

    public ScanoutConfiguration Configuration { get; }

    public uint Count => Configuration.BufferCount;

    /// <summary>Whether the wire can carry a picture of this size at all.</summary>
    public static bool CanHold(uint width, uint height) =>
        width is > 0 and <= DisplayProtocol.MaxDimension && height is > 0 and <= DisplayProtocol.MaxDimension;

    /// <summary>Makes buffers: three, or as many as the wire allows for large pictures.</summary>
    /// <exception cref="Platform.Errors.ErrnoException">The host has no memory or descriptor left.</exception>
    public static FrameBuffers Create(uint scanout, uint generation, uint width, uint height, DrmFourcc format)
    {
        uint stride = width * PixelFormats.BytesPerPixel;
        ulong size = (((ulong)stride * height) + Page - 1) & ~(ulong)(Page - 1);
        uint count = (uint)Math.Clamp(DisplayProtocol.MaxFrameMemory / size, 1, WantedBuffers);
        MemFd memory = MemFd.Create($"splitvmm-scanout-{scanout}", (long)(size * count), Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        try
        {
            return new FrameBuffers(memory, SharedMapping.Create(memory, 0, (nuint)(size * count)), new ScanoutConfiguration
            {
                Scanout = scanout,
                Generation = generation,
                Width = width,
                Height = height,
                Format = format,
                Stride = stride,
                BufferCount = count,
                // Both renderers write the top row first, whatever the resource's own order is.
                Flags = ScanoutFlags.Y0Top,
                BufferSize = size,
            });
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    public bool Fits(uint width, uint height, DrmFourcc format) =>
        Configuration.Width == width && Configuration.Height == height && Configuration.Format == format;

    /// <summary>A pixel of a buffer; the coordinates lie inside the picture.</summary>
    public byte* PixelAt(uint buffer, uint x, uint y) =>
        // buffer < Count and the coordinates were checked: inside the mapping, whose last buffer ends it.
        _mapping.Pointer + (nuint)((buffer * Configuration.BufferSize) + ((ulong)y * Configuration.Stride) + (x * PixelFormats.BytesPerPixel));

    public void Dispose()
    {
        _mapping.Dispose();
        Memory.Dispose();
    }
}
