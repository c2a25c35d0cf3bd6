using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>The end of a process that is not this program's child.</summary>
internal sealed unsafe class ProcessEnd : IDisposable
{
    private readonly Descriptor? _pidfd;

    /// <param name="pid">May have ended already.</param>
    public ProcessEnd(int pid)
    {
        int pidfd = Libc.pidfd_open(pid, 0);
        _pidfd = pidfd >= 0 ? new Descriptor(pidfd) : null;
    }

    /// <returns>False: the time went by first.</returns>
    public bool Wait(TimeSpan limit)
    {
        if (_pidfd is null)
        {
            return true;
        }

        var entry = new Libc.PollEntry { Descriptor = _pidfd.Number, Events = Libc.POLLIN };
        return Libc.poll(&entry, 1, (int)limit.TotalMilliseconds) > 0;
    }

    public void Dispose() => _pidfd?.Dispose();
}
