namespace SplitVmm.VmmCore.Serial;

/// <summary>A serial line with nobody at the other end.</summary>
internal sealed class DiscardingSink : ISerialSink
{
    public bool IsReady => true;

    public Action? BecameReady { get; set; }

    public void Write(byte value)
    {
    }
}
