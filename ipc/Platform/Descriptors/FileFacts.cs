using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Descriptors;

/// <summary>What <c>stat(2)</c> says of a file, above all of a descriptor that a peer sent.</summary>
/// <param name="IsRegular">A file or a memfd: something whose size means bytes that can be mapped.</param>
/// <param name="IsSocket">A socket.</param>
/// <param name="Size">Bytes.</param>
/// <param name="BlockSize">The unit of mapping on hugetlbfs; elsewhere the preferred unit of transfer.</param>
public readonly record struct FileFacts(bool IsRegular, bool IsSocket, long Size, long BlockSize)
{
    private const uint S_IFMT = 0xF000;
    private const uint S_IFREG = 0x8000;
    private const uint S_IFSOCK = 0xC000;

    public static unsafe bool TryGet(Descriptor descriptor, out FileFacts facts)
    {
        Libc.FileStatus status;
        // The structure is a local of this frame, of the size that the kernel fills.
        bool known = Libc.fstat(descriptor, &status) == 0;
        facts = known ? From(status) : default;
        return known;
    }

    /// <summary>The same of what a path leads to.</summary>
    public static unsafe bool TryGet(string path, out FileFacts facts)
    {
        Libc.FileStatus status;
        // The structure is a local of this frame, of the size that the kernel fills.
        bool known = Libc.stat(path, &status) == 0;
        facts = known ? From(status) : default;
        return known;
    }

    private static FileFacts From(in Libc.FileStatus status)
    {
        uint type = status.Mode & S_IFMT;
        return new FileFacts(type == S_IFREG, type == S_IFSOCK, status.Size, status.BlockSize);
    }
}
