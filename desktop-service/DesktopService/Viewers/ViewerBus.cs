using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Views;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>
/// A running machine on the session bus under the names of QEMU's D-Bus display, so that programs written for that attach to it.
/// This program hands over sockets and keystrokes; pictures go from display-process to the viewer, past it.
/// </summary>
internal sealed class ViewerBus : IDisposable
{
    private readonly VirtualMachine _machine;
    private readonly IRunView _view;
    private readonly DBusConnection _connection;
    private readonly MachineView _machineView;
    private readonly ConsoleView[] _consoles;
    private readonly ViewerRoot _root;
    private volatile bool _isServing;
    private volatile bool _isEnding;

    private ViewerBus(string name, RunOptions options, string address, VirtualMachine machine, IRunView view)
    {
        _machine = machine;
        _view = view;
        _connection = new DBusConnection(address);
        var display = new DisplayAccess(machine);
        _consoles =
        [
            .. Enumerable.Range(0, CommandLines.HeadsOf(options)).Select(head => new ConsoleView(_connection, head, display)),
        ];
        _machineView = new MachineView(_connection, name, _consoles.Length);
        _root = new ViewerRoot(_connection, _machineView, _consoles);
        machine.ConsolesChanged = OnConsoles;
        machine.RecoveryTold = OnRecovery;
        _ = ServeAsync();
    }

    /// <summary>Serves from now on until it is disposed; a bus that is not there is told, and the machine runs without viewers.</summary>
    /// <param name="name">Of the machine.</param>
    /// <returns>Null: no viewers were asked for, or there is no bus.</returns>
    public static ViewerBus? Open(string name, RunOptions options, VirtualMachine machine, IRunView view)
    {
        if (!options.Display.HasViewers)
        {
            return null;
        }

        if (DBusAddress.Session is { } address)
        {
            return new ViewerBus(name, options, address, machine, view);
        }

        view.OnNotice("no viewer can attach: there is no session bus, DBUS_SESSION_BUS_ADDRESS is not set");
        return null;
    }

    public void Dispose()
    {
        _isServing = false;
        _isEnding = true;
        _connection.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            await _connection.ConnectAsync().ConfigureAwait(false);
            _connection.AddMethodHandlers([_root, _machineView, .. _consoles]);
            // The first machine has the name, the next ones get it in their turn; meanwhile they are found in its queue.
            await _connection.QueueNameRequestAsync(ViewerNames.Service, RequestNameOptions.None).ConfigureAwait(false);
            _isServing = true;
            _ = await _connection.DisconnectedAsync().ConfigureAwait(false);
            Tell("the session bus has gone: no further viewer can attach");
        }
        catch (DBusExceptionBase error)
        {
            Tell($"no viewer can attach: the session bus cannot be used: {error.Message}");
        }
    }

    private void Tell(string text)
    {
        if (!_isEnding)
        {
            _machine.Loop.Post(() => _view.OnNotice(text));
        }
    }

    private void OnRecovery(RecoveryNews news)
    {
        if (news.Role == ProcessRole.Display)
        {
            _root.SetConsoles(news.Step == RecoveryStep.Restarted, isTold: _isServing);
        }
    }

    // Before anybody could ask nobody has to be told.
    private void OnConsoles(ConsoleReport consoles) => Array.ForEach(_consoles, console => console.OnConsoles(consoles, isTold: _isServing));
}
