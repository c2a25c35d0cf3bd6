namespace SplitVmm.GpuProcess.Device;

/// <summary>
/// For how long to look for the driver's next request before sleeping until its kick. A kick costs the guest an exit and
/// this process two switches, looking costs processor time; so one looks only while requests come soon after one
/// another, and the longer the more they do. KVM's halt polling and QEMU's AioContext polling find their time in the same way.
/// </summary>
/// <remarks>Times are ticks of one clock, whichever.</remarks>
internal sealed class PollWindow
{
    /// <summary>The first window is the longest one by this.</summary>
    private const int FirstPart = 4;

    private readonly long _longest;
    private long _idleSince;

    /// <param name="longest">The most that <see cref="Length"/> becomes; 0: no looking at all.</param>
    public PollWindow(long longest) => _longest = longest;

    /// <summary>For how long to look now; 0: not at all.</summary>
    public long Length { get; private set; }

    /// <summary>A request that comes now was waited for.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>Nothing is left to do but to wait for the driver.</summary>
    public void Idle(long now)
    {
        IsIdle = _longest != 0;
        _idleSince = now;
    }

    /// <summary>What happens next says nothing of the driver: this process has work of its own on the way.</summary>
    public void Forget() => IsIdle = false;

    /// <summary>A request is there.</summary>
    public void Found(long now)
    {
        if (!IsIdle)
        {
            return;
        }

        IsIdle = false;
        long waited = now - _idleSince;
        if (waited > _longest)
        {
            // Looking would have been in vain, and was if it was tried.
            Length = 0;
        }
        else if (waited > Length)
        {
            Length = Math.Min(_longest, Math.Max(Length * 2, Math.Max(1, _longest / FirstPart)));
        }
    }
}
