using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Platform.Events;

/// <summary>One descriptor in an <see cref="EventLoop"/>. Disposing it, on the loop's thread, ends the watching.</summary>
public sealed class Watch : IDisposable
{
    private readonly EventLoop _loop;

    internal Watch(EventLoop loop, ulong id, Descriptor descriptor, Action<Readiness> handler)
    {
        _loop = loop;
        Id = id;
        Descriptor = descriptor;
        Handler = handler;
    }

    internal ulong Id { get; }

    internal Descriptor Descriptor { get; private set; }

    /// <summary>It watches nothing.</summary>
    internal bool IsResting { get; private set; }

    internal Action<Readiness> Handler { get; }

    /// <summary>Changes what is waited for, for example <see cref="Readiness.Out"/> while a send is pending.</summary>
    public void SetInterest(Readiness interest) => _loop.Change(this, interest);

    /// <summary>Watches nothing until <see cref="MoveTo"/>; the descriptor may be disposed afterwards.</summary>
    public void Rest()
    {
        if (!IsResting)
        {
            _loop.End(this);
            IsResting = true;
        }
    }

    /// <summary>Watches another descriptor in place of the former one, with the same handler. Allocates nothing.</summary>
    public void MoveTo(Descriptor descriptor, Readiness interest)
    {
        Rest();
        Descriptor = descriptor;
        _loop.Begin(this, interest);
        IsResting = false;
    }

    public void Dispose() => _loop.Remove(this);
}
