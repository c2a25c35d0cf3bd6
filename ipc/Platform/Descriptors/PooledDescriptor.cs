namespace SplitVmm.Platform.Descriptors;

/// <summary>
/// A descriptor of a <see cref="DescriptorPool"/>, until it is disposed. Copies are the same descriptor: it is closed once, by
/// whichever is disposed first, and none of them can reach the handle's next one.
/// </summary>
public readonly struct PooledDescriptor : IDisposable
{
    private readonly DescriptorPool.Handle? _handle;
    private readonly ulong _use;

    internal PooledDescriptor(DescriptorPool.Handle handle, ulong use)
    {
        _handle = handle;
        _use = use;
    }

    /// <summary>There is one, which has not been closed.</summary>
    public bool IsOpen => _handle is { IsInvalid: false } && _handle.Use == _use;

    /// <summary>For calls that take a descriptor; not to be kept for longer than this.</summary>
    /// <exception cref="ObjectDisposedException">It is closed, or there never was one.</exception>
    public Descriptor Descriptor => IsOpen ? _handle! : throw new ObjectDisposedException(nameof(PooledDescriptor));

    public void Dispose() => _handle?.End(_use);
}
