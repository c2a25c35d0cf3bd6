using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Software;

/// <summary>A picture in memory of this process, rows without gaps.</summary>
internal sealed unsafe class SoftwareResource : GpuResource, IDisposable
{
    /// <exception cref="OutOfMemoryException">The host has no such memory.</exception>
    public SoftwareResource(uint id, uint width, uint height, uint format)
        : base(id, width, height, format)
    {
        Stride = width * PixelFormats.BytesPerPixel;
        // Zeroed by the allocator: what another resource held must not show. Large pieces cost nothing until touched.
        Pixels = (byte*)NativeMemory.AllocZeroed(height, Stride);
    }

    ~SoftwareResource() => Dispose();

    /// <summary>Bytes of a row.</summary>
    public uint Stride { get; }

    /// <summary>Height rows of <see cref="Stride"/> bytes, until <see cref="Dispose"/>.</summary>
    public byte* Pixels { get; private set; }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        NativeMemory.Free(Pixels);
        Pixels = null;
    }
}
