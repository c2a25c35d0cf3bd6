using SplitVmm.DesktopService.Bus.Book;
using SplitVmm.DesktopService.Launching;

namespace SplitVmm.DesktopService.Bus;

/// <summary>Starts and opens machines for whoever calls, and has the book know of them before the answer.</summary>
internal sealed class BusActions(MachineBook book, CancellationToken cancellation)
{
    public Task<ActionOutcome> StartAsync(string name) =>
        AndReadAsync(MachineActions.StartAsync(name, _ => true, cancellation));

    public Task<ActionOutcome> OpenAsync(string name) =>
        AndReadAsync(MachineActions.OpenAsync(name, _ => true, cancellation));

    /// <summary>What a click on the application's icon means.</summary>
    public Task<ActionOutcome> OpenUsualAsync() => AndReadAsync(MachineActions.OpenUsualAsync(_ => true, cancellation));

    private async Task<ActionOutcome> AndReadAsync(Task<ActionOutcome> action)
    {
        ActionOutcome outcome = await action.ConfigureAwait(false);
        _ = await book.RefreshAsync().ConfigureAwait(false);
        return outcome;
    }
}
