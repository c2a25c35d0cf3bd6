using SplitVmm.GpuProcess.Blobs;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>The page of a context that has gone with its process.</summary>
internal static unsafe class LostPage
{
    /// <summary>
    /// Of the last command carried out, as the guest reads it. Mesa compares numbers by the sign of their difference
    /// (<c>vdrm_host_sync</c>) and counts from 1: to it this one is not before any number of the first two thousand million.
    /// </summary>
    public const uint Seqno = int.MaxValue;

    /// <param name="memory">At least a page.</param>
    public static void Fill(BlobMemory memory) => Volatile.Write(ref ((VdrmShmem*)memory.Pointer)->Seqno, Seqno);
}
