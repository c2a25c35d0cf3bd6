using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>What becomes of a machine whose process has ended: it is replaced, it is the end of the run, or it is no news.</summary>
/// <param name="clock">Time since the run began.</param>
internal sealed class DeathWatch(Agenda agenda, Func<TimeSpan> clock, Crew crew, ProcessRecovery recovery, RunState run, IRunView view)
{
    /// <summary>How long the deaths that one death causes are collected before one is blamed.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(60);

    /// <summary>If only followers have ended, this long is waited for the process that they followed.</summary>
    private static readonly TimeSpan LeaderLimit = TimeSpan.FromSeconds(1);

    /// <summary>vmm-core has this long to end after it said that the guest is off.</summary>
    private static readonly TimeSpan PowerOffLimit = TimeSpan.FromMilliseconds(500);

    private readonly List<SupervisedProcess> _died = [];

    /// <summary>The guest switched itself off, and the run is over.</summary>
    public required Action PoweredOff { get; init; }

    /// <summary>The run is over by what was found.</summary>
    public required Action<RunOutcome> Failed { get; init; }

    public void OnExited(SupervisedProcess process, ExitStatus status)
    {
        if (process.Role == ProcessRole.Gpu)
        {
            // The contexts in it were this one's, and the next one gets a server of its own.
            crew.Find(ProcessRole.Venus)?.End();
        }

        if (run.IsDecided)
        {
            if (status is { IsSignal: true, Signal: not (Libc.SIGKILL or Libc.SIGTERM) })
            {
                view.OnNotice($"{process.Name} {status} while it was ending");
            }
        }
        else if (process.Role == ProcessRole.Venus && (!run.IsStarting || process.Lifecycle.DiedIn is null))
        {
            OnVenusExited(status);
        }
        else if (process.Role == ProcessRole.Core && status.IsSuccess && !run.IsStarting)
        {
            PoweredOff();
        }
        else if (!run.IsStarting && ProcessRecovery.CanReplace(process.Role))
        {
            OnReplaceableExited(process, status);
        }
        else
        {
            _died.Add(process);
            if (_died.Count == 1 || !DeathReport.IsFollower(process))
            {
                agenda.After(SettleTime, OnDied);
            }
        }
    }

    /// <summary>vmm-core ends by itself now; if it does not, the run ends all the same.</summary>
    public void OnGuestPoweredOff() => agenda.After(PowerOffLimit, OnSettled);

    // Who led the others to their ends may take long over its own, on a busy machine.
    private void OnDied() => agenda.After(_died.TrueForAll(DeathReport.IsFollower) ? LeaderLimit : TimeSpan.Zero, OnSettled);

    // A gpu-process without its server answers Vulkan with errors for ever: the pair begins anew.
    private void OnVenusExited(ExitStatus status)
    {
        if (crew.FindWorking(ProcessRole.Gpu) is { } gpu)
        {
            // Perhaps it only followed gpu-process, whose death is noticed in a moment.
            agenda.After(SettleTime, () =>
            {
                if (!run.IsDecided && gpu.Lifecycle.IsAlive)
                {
                    ProcessRecovery.Kill(gpu, $"lost its Venus server, which {status},");
                }
            });
        }
    }

    private void OnReplaceableExited(SupervisedProcess process, ExitStatus status)
    {
        if (status.IsSignal)
        {
            recovery.OnExited(process, status);
            return;
        }

        // Perhaps it only followed vmm-core, whose death is noticed in a moment.
        agenda.After(SettleTime, () =>
        {
            if (run.IsUndisturbed && _died.Count == 0)
            {
                recovery.OnExited(process, status);
            }
        });
    }

    private void OnSettled()
    {
        if (run.IsDecided)
        {
            return;
        }

        // vmm-core says that the guest switched itself off before it ends: what the others lost then is no fault.
        if (run.GuestPoweredOff)
        {
            PoweredOff();
        }
        else
        {
            Failed(DeathReport.Describe(DeathReport.FindCulprit(_died), clock(), guestHasRun: !run.IsStarting));
        }
    }
}
