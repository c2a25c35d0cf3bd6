namespace SplitVmm.VmmCore.Probe;

/// <summary>What the probe's guest does, in this order; the numbers are what it writes to port 0x80 when done.</summary>
internal enum ProbeStep : byte
{
    /// <summary>Written last, and so the sign that all is well.</summary>
    End = 0,

    /// <summary>A loop of simple instructions, for the speed.</summary>
    Loop = 1,
    Breakpoint = 2,
    SseMoves = 3,
    Cmpxchg16b = 4,
    Popcnt = 5,
    Xsave = 6,
    WrongResult = 0xFF,
}
