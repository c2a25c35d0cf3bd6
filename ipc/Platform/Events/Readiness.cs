namespace SplitVmm.Platform.Events;

/// <summary>Event bits of <c>epoll_ctl(2)</c>. Error and Hangup are always reported, asked for or not.</summary>
[Flags]
public enum Readiness : uint
{
    None = 0,
    In = 0x001,
    Out = 0x004,
    Error = 0x008,
    Hangup = 0x010,
}
