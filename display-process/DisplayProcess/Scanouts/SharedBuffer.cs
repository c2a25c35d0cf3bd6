using SplitVmm.DisplayProcess.Pictures;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>A dma-buf of a scanout that can be shown as it is, without a copy that belongs to this process.</summary>
internal abstract class SharedBuffer : IDisposable
{
    /// <summary>How this process uses it, for the user.</summary>
    public abstract string Use { get; }

    /// <summary>Brings a canvas of the picture's size up to date, for those who need pixels.</summary>
    /// <param name="stale">What the canvas lacks.</param>
    public abstract void Read(Canvas canvas, DamageList stale);

    /// <summary>Waits until whatever was begun has read the memory: then it may be written.</summary>
    public virtual void AwaitReads()
    {
    }

    public abstract void Dispose();
}
