namespace SplitVmm.Harness;

/// <summary>How a program ended and what it wrote.</summary>
/// <param name="ExitStatus">As a shell counts: 128 and the signal's number for a death by signal.</param>
public sealed record RunResult(int ExitStatus, string StandardOutput, string StandardError);
