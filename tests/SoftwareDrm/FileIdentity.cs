using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.SoftwareDrm.Interop;

namespace SplitVmm.SoftwareDrm;

/// <summary>What two descriptors of the same file have in common.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    public static unsafe FileIdentity Of(Descriptor file)
    {
        Libc.FileStatus status;
        // The structure is a local of this frame, of the size that the kernel fills.
        return Libc.fstat(file, &status) == 0
            ? new FileIdentity(status.Device, status.Inode)
            : throw ErrnoException.FromLastError("fstat", file.ToString());
    }
}
