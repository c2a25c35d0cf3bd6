using System.Globalization;
using SplitVmm.Harness;

namespace SplitVmm.Microguest.Tests.Peer;

/// <summary>
/// While it exists this process, and what it starts, has its processors before all ordinary work of the machine (SCHED_FIFO by
/// <c>chrt</c>), where the user may have that: a comparison is then of programs, not of what else happened to run.
/// </summary>
internal sealed class UndisturbedRuns : IDisposable
{
    public UndisturbedRuns() => IsInForce = Schedule("--fifo", "10");

    /// <summary>False: the user may not, or there is no <c>chrt</c>.</summary>
    public bool IsInForce { get; }

    public void Dispose()
    {
        if (IsInForce)
        {
            _ = Schedule("--other", "0");
        }
    }

    private static bool Schedule(string policy, string priority)
    {
        try
        {
            string pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            return ChildProgram.Run("chrt", [policy, "--all-tasks", "--pid", priority, pid], TimeSpan.FromSeconds(10)).ExitStatus == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
