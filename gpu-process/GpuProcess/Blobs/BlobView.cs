using SplitVmm.GpuProcess.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>Memory of the renderer that this process can read: a dma-buf, or shared memory that is sealed against shrinking.</summary>
internal sealed unsafe class BlobView : IDisposable
{
    private readonly Descriptor _file;
    private readonly SharedMapping _mapping;
    private readonly bool _isDmaBuf;

    private BlobView(Descriptor file, SharedMapping mapping, bool isDmaBuf)
    {
        _file = file;
        _mapping = mapping;
        _isDmaBuf = isDmaBuf;
    }

    /// <summary>All of it. The guest and the renderer may write to it at any moment.</summary>
    public byte* Pointer => _mapping.Pointer;

    /// <param name="file">Owned from here on.</param>
    /// <param name="size">Bytes, whole pages.</param>
    /// <returns>Null: it cannot be mapped, or could become shorter than that.</returns>
    public static BlobView? TryCreate(Descriptor file, ulong size)
    {
        // Only a memfd has seals. The renderer's server may be the guest's by now: a shorter file would end this process.
        bool isMemfd = MemFd.TryGetSeals(file, out Seals seals);
        if ((!isMemfd || (seals & Seals.F_SEAL_SHRINK) != 0) && MemFd.TryGetSize(file, out long length) && (ulong)length >= size)
        {
            try
            {
                return new BlobView(file, SharedMapping.Create(file, 0, (nuint)size, writable: false), !isMemfd);
            }
            catch (ErrnoException)
            {
                // A driver need not let its memory be mapped.
            }
        }

        file.Dispose();
        return null;
    }

    /// <summary>Before it is read: waits for what draws there.</summary>
    public void Begin()
    {
        if (_isDmaBuf)
        {
            DmaBufReading.Begin(_file);
        }
    }

    /// <summary>After it was read.</summary>
    public void End()
    {
        if (_isDmaBuf)
        {
            DmaBufReading.End(_file);
        }
    }

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
    }
}
