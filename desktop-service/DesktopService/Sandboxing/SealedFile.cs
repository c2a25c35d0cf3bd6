using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>Bytes for another process, in a memfd that nobody can change any more.</summary>
internal static class SealedFile
{
    private const nint F_SEAL_SEAL_SHRINK_GROW_WRITE = 0xF;

    public static unsafe Descriptor Create(string name, byte[] bytes)
    {
        MemFd file = MemFd.Create(name, 0, Seals.None);
        fixed (byte* source = bytes)
        {
            // The array is as long as what is written.
            if (Libc.write(file.Number, source, (nuint)bytes.Length) == bytes.Length
                && Libc.fcntl(file, Libc.F_ADD_SEALS, F_SEAL_SEAL_SHRINK_GROW_WRITE) == 0)
            {
                return file;
            }
        }

        var failure = ErrnoException.FromLastError("write and seal", name);
        file.Dispose();
        throw failure;
    }
}
