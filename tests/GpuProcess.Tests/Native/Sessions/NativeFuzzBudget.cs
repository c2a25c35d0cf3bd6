using System.Globalization;

namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>How long the fuzzing tests of native contexts run.</summary>
internal static class NativeFuzzBudget
{
    /// <summary>Commands that each of them sends; millions for a long run.</summary>
    public static long Commands { get; } =
        long.Parse(Environment.GetEnvironmentVariable("SPLITVMM_NATIVE_FUZZ") ?? "150000", CultureInfo.InvariantCulture);

    /// <summary>Another number, other cases.</summary>
    public static int Seed { get; } =
        int.Parse(Environment.GetEnvironmentVariable("SPLITVMM_NATIVE_FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);
}
