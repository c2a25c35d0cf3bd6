namespace SplitVmm.Sandbox;

/// <summary>What a process has given up, for the supervisor and the user.</summary>
/// <param name="SystemCalls">How many system calls are left; 0: all, there is no filter.</param>
/// <param name="LandlockAbi">Version of the kernel's Landlock; 0: the files are not restricted.</param>
/// <param name="RefusesExecutableMemory">No memory can become executable.</param>
/// <param name="Missing">What the kernel lacks, each with what is lost by it. Empty: all that the policy says is in force.</param>
public sealed record SandboxState(int SystemCalls, int LandlockAbi, bool RefusesExecutableMemory, IReadOnlyList<string> Missing);
