using System.Globalization;

namespace SplitVmm.VmmCore.Probe;

/// <summary>What the probe measured.</summary>
/// <param name="InstructionsPerSecond">Of simple kernel code, by the CPU time of the vCPU's thread; the best round.</param>
/// <param name="Failed">The first step that did not work; null if all did or none was tried after a slow loop.</param>
internal readonly record struct ProbeResult(double InstructionsPerSecond, ProbeStep? Failed)
{
    /// <summary>
    /// A boot of Linux takes one to two thousand million instructions. Hardware does ten times as many a second, an
    /// emulated processor with nested paging about as many, an interpreter a thousandth.
    /// </summary>
    public const double RequiredInstructionsPerSecond = 50e6;

    public bool IsFastEnough => InstructionsPerSecond >= RequiredInstructionsPerSecond;

    /// <summary>One sentence for the user; null if the host is fit.</summary>
    public string? Problem
    {
        get
        {
            const string Remedy = "use a host whose KVM has VT-x or AMD-V behind it (./run-demo uses the lab instead)";
            if (Failed is { } step)
            {
                return $"this host's KVM cannot run Linux: {Name(step)} fails in kernel code; {Remedy}";
            }

            string rate = (InstructionsPerSecond / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
            string required = (RequiredInstructionsPerSecond / 1e6).ToString("0", CultureInfo.InvariantCulture);
            return IsFastEnough
                ? null
                : $"this host's KVM cannot run Linux: it interprets kernel code, at {rate} million instructions a second where {required} are the least; {Remedy}";
        }
    }

    private static string Name(ProbeStep step) => step switch
    {
        ProbeStep.Loop => "a loop of simple instructions",
        ProbeStep.Breakpoint => "int3",
        ProbeStep.SseMoves => "an SSE move",
        ProbeStep.Cmpxchg16b => "cmpxchg16b",
        ProbeStep.Popcnt => "popcnt",
        ProbeStep.Xsave => "xsave",
        _ => "an instruction",
    };
}
