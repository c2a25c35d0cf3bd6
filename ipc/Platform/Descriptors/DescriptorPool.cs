namespace SplitVmm.Platform.Descriptors;

/// <summary>
/// Handles for descriptors that come and go all the time. A handle is an object of .NET; here it is used for one descriptor after
/// another, so that none is made once as many were open at a time. For one thread.
/// </summary>
public sealed class DescriptorPool
{
    private readonly Stack<Handle> _free = new();

    /// <summary>Takes ownership of a descriptor that the kernel has just given.</summary>
    /// <param name="fd">0 or above.</param>
    public PooledDescriptor Take(int fd)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fd);
        if (!_free.TryPop(out Handle? handle))
        {
            handle = new Handle(this);
        }

        return new PooledDescriptor(handle, handle.Begin(fd));
    }

    /// <summary>
    /// One handle of the pool. Between two descriptors its number is -1, which the kernel refuses. What nobody gives back is
    /// closed by the collector, as every <see cref="Descriptor"/> is.
    /// </summary>
    internal sealed class Handle(DescriptorPool pool) : Descriptor
    {
        /// <summary>Counts what it was used for; the last one that counts is open.</summary>
        public ulong Use { get; private set; }

        public ulong Begin(int fd)
        {
            SetHandle(fd);
            return ++Use;
        }

        /// <summary>Closes the descriptor of one use, if that has not ended.</summary>
        public void End(ulong use)
        {
            if (use != Use || IsInvalid || IsClosed)
            {
                return;
            }

            _ = ReleaseHandle();
            SetHandle(-1);
            pool._free.Push(this);
        }
    }
}
