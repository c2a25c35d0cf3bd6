using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>Fills the shared memory regions of a device, which are in the front end's hands.</summary>
public interface ISharedMemoryMapper
{
    /// <summary>
    /// SHMEM_MAP: has the front end map a part of a file into a shared memory region of the device, for the guest to
    /// read and write. Returns when it is there. A front end that does not answer counts as one that refuses.
    /// </summary>
    /// <param name="id">Of the region.</param>
    /// <param name="offset">In the region; the front end checks that nothing is mapped there.</param>
    /// <param name="fileOffset">In the file, as <paramref name="offset"/> and <paramref name="length"/> a multiple of the page size.</param>
    /// <returns>False if the front end refuses, or takes no such requests.</returns>
    bool TryMap(byte id, ulong offset, ulong length, Descriptor file, ulong fileOffset);

    /// <summary>SHMEM_UNMAP: takes back a whole mapping of <see cref="TryMap"/>.</summary>
    bool TryUnmap(byte id, ulong offset, ulong length);
}
