namespace SplitVmm.Wires.Input;

/// <summary>The two ends of the input wire.</summary>
public enum InputRole : uint
{
    None = 0,

    /// <summary>display-process.</summary>
    Source = 1,

    /// <summary>vmm-core.</summary>
    Sink = 2,
}
