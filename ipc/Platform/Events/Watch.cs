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

    internal Descriptor Descriptor { get; }

    internal Action<Readiness> Handler { get; }

    /// <summary>Changes what is waited for, for example <see cref="Readiness.Out"/> while a send is pending.</summary>
    public void SetInterest(Readiness interest) => _loop.Change(this, interest);

    public void Dispose() => _loop.Remove(this);
}
