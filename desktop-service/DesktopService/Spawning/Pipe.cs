using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>A pipe whose ends are both close-on-exec and blocking.</summary>
internal sealed record Pipe(Descriptor ReadEnd, Descriptor WriteEnd)
{
    public static unsafe Pipe Create()
    {
        int* pair = stackalloc int[2];
        return Libc.pipe2(pair, Libc.O_CLOEXEC) == 0
            ? new Pipe(new Descriptor(pair[0]), new Descriptor(pair[1]))
            : throw ErrnoException.FromLastError("pipe2");
    }
}
