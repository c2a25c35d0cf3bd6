using SplitVmm.Control.Interop;
using SplitVmm.Platform.Errors;

namespace SplitVmm.Control.Client;

/// <summary>No process outlives its supervisor.</summary>
internal static class ParentDeath
{
    /// <summary>
    /// <c>prctl(PR_SET_PDEATHSIG, SIGKILL)</c>. A parent that died before this call shows as the end of the
    /// control connection instead.
    /// </summary>
    public static void Arm()
    {
        if (Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0) < 0)
        {
            throw ErrnoException.FromLastError("prctl(PR_SET_PDEATHSIG)");
        }
    }

    /// <summary>Ends the process where it stands: no exit handler runs, none can hang.</summary>
    public static void ExitNow(int status) => Libc._exit(status);
}
