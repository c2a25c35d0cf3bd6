using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>Memory of this process that can be shown to the guest: sealed, so that nobody can make it shorter.</summary>
internal sealed unsafe class BlobMemory : IDisposable
{
    private readonly MemFd _file;
    private readonly SharedMapping _mapping;

    /// <param name="size">Bytes, whole pages.</param>
    /// <exception cref="ErrnoException">The host refuses the memory.</exception>
    public BlobMemory(ulong size)
    {
        _file = MemFd.Create("splitvmm-blob", checked((long)size), Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        try
        {
            _mapping = SharedMapping.Create(_file, 0, (nuint)size);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public Descriptor File => _file;

    /// <summary>All of it; the guest may write to it at any moment.</summary>
    public byte* Pointer => _mapping.Pointer;

    public void Dispose()
    {
        _mapping.Dispose();
        _file.Dispose();
    }
}
