using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>A file of the kernel's.</summary>
internal sealed unsafe class KernelDrmFile(Descriptor file) : IDrmFile
{
    // Drivers answer EAGAIN where they want to be asked again, for example during a reset of the GPU; not for ever.
    private const int MaxRepeats = 1000;

    /// <summary>Opens a node.</summary>
    /// <returns>Null; <paramref name="errno"/> says why.</returns>
    public static KernelDrmFile? TryOpen(string path, out int errno) =>
        TryOpenDescriptor(path, out errno) is { } file ? new KernelDrmFile(file) : null;

    /// <summary>The same as a bare descriptor.</summary>
    public static Descriptor? TryOpenDescriptor(string path, out int errno)
    {
        int number = Libc.open(path, Libc.O_RDWR | Libc.O_CLOEXEC);
        errno = number < 0 ? Marshal.GetLastPInvokeError() : 0;
        return number < 0 ? null : new Descriptor(number);
    }

    public int Ioctl(uint number, void* argument) => Ioctl(file, number, argument);

    public int Ioctl(Descriptor descriptor, uint number, void* argument)
    {
        int errno = 0;
        for (int i = 0; i < MaxRepeats; i++)
        {
            // The kernel reads and writes as many bytes as the number says, which the caller has there.
            if (Libc.ioctl(descriptor, number, argument) >= 0)
            {
                return 0;
            }

            errno = Marshal.GetLastPInvokeError();
            if (errno is not Errno.EINTR and not Errno.EAGAIN)
            {
                break;
            }
        }

        return errno;
    }

    public void Dispose() => file.Dispose();
}
