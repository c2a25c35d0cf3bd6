using SplitVmm.Control.Protocol;
using SplitVmm.Sandbox;

namespace SplitVmm.Control.Messages;

/// <summary>The state of a process's sandbox as it is sent.</summary>
public static class SandboxReports
{
    public static SandboxReport ToReport(this SandboxState state)
    {
        var report = new SandboxReport
        {
            SystemCalls = (uint)state.SystemCalls,
            LandlockAbi = (uint)state.LandlockAbi,
            RefusesExecutableMemory = state.RefusesExecutableMemory,
        };
        report.Missing.AddRange(state.Missing);
        return report;
    }
}
