using SplitVmm.DesktopService.Interop;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Ends every process of a machine: by asking, after a while by signals; or by force at once.</summary>
internal sealed class EndSequence(Agenda agenda, Crew crew)
{
    /// <summary>The end in order, by SIGTERM, by SIGKILL: all within the two seconds that the user was promised.</summary>
    private static readonly TimeSpan TermAfter = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan KillAfter = TimeSpan.FromMilliseconds(1200);

    public void Begin()
    {
        foreach (SupervisedProcess process in crew.Processes)
        {
            _ = process.Session?.Quit();
            _ = process.Lifecycle.OnEndRequested();
        }

        agenda.After(TermAfter, () =>
        {
            foreach (SupervisedProcess process in crew.Processes)
            {
                process.Child?.Signal(Libc.SIGTERM);
            }
        });
        agenda.After(KillAfter, KillAll);
    }

    public void KillAll()
    {
        foreach (SupervisedProcess process in crew.Processes)
        {
            _ = process.Lifecycle.OnEndRequested();
            process.Child?.KillGroup();
        }
    }
}
