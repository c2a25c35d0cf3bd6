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

    /// <summary>
    /// What a click on the application's icon means: the machine that was last started here; before there was one, the
    /// first by name.
    /// </summary>
    public async Task<ActionOutcome> OpenUsualAsync()
    {
        _ = await book.RefreshAsync().ConfigureAwait(false);
        string? usual = book.Machines
            .Where(machine => machine.IsDefined)
            .OrderByDescending(machine => File.GetLastWriteTimeUtc(StateFolder.LogOf(machine.Name)))
            .Select(machine => machine.Name)
            .FirstOrDefault();
        return usual is null
            ? new ActionOutcome(
                ActionStatus.NoSuchMachine, $"no machine is defined in {Definitions.DefinitionFolder.Root} yet; splitvmm config put makes one")
            : await OpenAsync(usual).ConfigureAwait(false);
    }

    private async Task<ActionOutcome> AndReadAsync(Task<ActionOutcome> action)
    {
        ActionOutcome outcome = await action.ConfigureAwait(false);
        _ = await book.RefreshAsync().ConfigureAwait(false);
        return outcome;
    }
}
