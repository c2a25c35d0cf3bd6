namespace SplitVmm.Wires.Display;

/// <summary>The two ends of the display wire.</summary>
public enum DisplayRole : uint
{
    None = 0,

    /// <summary>gpu-process.</summary>
    Source = 1,

    /// <summary>display-process, or anything else that shows frames.</summary>
    Sink = 2,
}
