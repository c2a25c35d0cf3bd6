namespace SplitVmm.DesktopService.Supervision;

/// <summary>How a run ended, for the user and for the shell.</summary>
/// <param name="Status">Exit status of <c>splitvmm</c>.</param>
/// <param name="Message">One line.</param>
/// <param name="Details">Further lines, for example the last words of the process that died.</param>
internal sealed record RunOutcome(int Status, string Message, IReadOnlyList<string> Details)
{
    public RunOutcome(int status, string message)
        : this(status, message, [])
    {
    }

    public bool IsSuccess => Status == 0;
}
