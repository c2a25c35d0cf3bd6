using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Asks every process now and then whether its event loop still turns.</summary>
/// <param name="patience">How long a process of a role may leave the question unanswered.</param>
/// <param name="onChange">A process became silent, or answers again.</param>
internal sealed class HealthWatch(
    Agenda agenda, Action<Action> post, Func<ProcessRole, TimeSpan> patience, Action<SupervisedProcess> onChange)
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(4);

    // Asked often enough that a hang is noticed within little more than the patience with it.
    private const int QuestionsPerPatience = 5;

    public void Watch(SupervisedProcess process)
    {
        TimeSpan period = patience(process.Role) / QuestionsPerPatience;
        agenda.OnBeat(period < LongestPeriod ? period : LongestPeriod, () => Ask(process));
    }

    private void Ask(SupervisedProcess process)
    {
        if (process.Lifecycle.IsAlive && process.Session is { } session)
        {
            _ = AskAsync(process, session);
        }
    }

    private async Task AskAsync(SupervisedProcess process, IControlSession session)
    {
        TimeSpan? answered = await session.PingAsync(patience(process.Role)).ConfigureAwait(false);
        // A process whose connection has ended is not silent: it has died, or will be ended for that.
        if (answered is not null || !session.Ended.IsCompleted)
        {
            post(() => OnAnswer(process, answered is not null));
        }
    }

    private void OnAnswer(SupervisedProcess process, bool healthy)
    {
        if (!process.Lifecycle.IsAlive)
        {
            return;
        }

        if (healthy != process.IsHealthy)
        {
            process.IsHealthy = healthy;
            onChange(process);
        }

        Watch(process);
    }
}
