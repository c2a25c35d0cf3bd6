using System.Diagnostics;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Deadlines as <see cref="Platform.Events.Poll"/> wants them.</summary>
internal static class Deadlines
{
    public static long In(TimeSpan time) => Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
}
