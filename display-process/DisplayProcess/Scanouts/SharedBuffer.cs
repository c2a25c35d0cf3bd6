using SplitVmm.DisplayProcess.Pictures;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>A dma-buf of a scanout that can be shown as it is, without a copy that belongs to this process.</summary>
internal abstract class SharedBuffer : IDisposable
{
    /// <summary>How this process uses it, for the user.</summary>
    public abstract string Use { get; }

    /// <summary>The same for viewers in other processes; owned. Null: there are no viewers.</summary>
    public DmaBufImage? Image { get; set; }

    /// <summary>Brings a canvas of the picture's size up to date, for those who need pixels.</summary>
    /// <param name="stale">What the canvas lacks.</param>
    public abstract void Read(Canvas canvas, DamageList stale);

    /// <summary>Waits until whatever was begun has read the memory: then it may be written.</summary>
    public virtual void AwaitReads()
    {
    }

    public void Dispose()
    {
        Image?.Dispose();
        Release();
    }

    /// <summary>Lets go of what this process itself shows the dma-buf by.</summary>
    protected abstract void Release();
}
