using SplitVmm.DesktopService.Bus.Book;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus;

/// <summary>
/// <c>splitvmm service</c>: machines on the session bus. It owns none of them: it may be killed and started at any moment.
/// </summary>
internal sealed class BusService : IBookReader
{
    private readonly DBusConnection _connection;
    private readonly Dictionary<string, MachineObject> _objects = [];
    private readonly Notifications _notifications;
    private readonly MachineBook _book;
    private readonly BusActions _actions;
    private readonly ManagerObject _manager;

    private BusService(DBusConnection connection, CancellationToken cancellation)
    {
        _connection = connection;
        _notifications = new Notifications(connection);
        _book = new MachineBook(this, cancellation);
        _actions = new BusActions(_book, cancellation);
        _manager = new ManagerObject(connection, _book, _actions, _notifications);
    }

    /// <summary>Serves until it is told to end, or the bus goes.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(CancellationToken cancellation)
    {
        if (DBusAddress.Session is not { } address)
        {
            return Fail("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set");
        }

        using var connection = new DBusConnection(address);
        try
        {
            await connection.ConnectAsync().ConfigureAwait(false);
            var service = new BusService(connection, cancellation);
            // Whoever calls finds all machines that run: only then is there anybody to call.
            using var watch = new FolderWatch(service._book);
            _ = await service._book.RefreshAsync().ConfigureAwait(false);
            connection.AddMethodHandler(service._manager);
            if (!await connection.TryRequestNameAsync(BusNames.Service, RequestNameOptions.None).ConfigureAwait(false))
            {
                return Fail($"another program is {BusNames.Service} on this bus already");
            }

            Task watching = watch.RunAsync(cancellation);
            Task<Exception?> gone = connection.DisconnectedAsync()!;
            _ = await Task.WhenAny(watching, gone).ConfigureAwait(false);
            return cancellation.IsCancellationRequested ? ExitStatus.AsAsked : Fail("the session bus has gone");
        }
        catch (DBusExceptionBase error)
        {
            return cancellation.IsCancellationRequested ? ExitStatus.AsAsked : Fail($"the session bus cannot be used: {error.Message}");
        }
    }

    // The book calls one at a time.
    void IBookReader.OnAdded(MachineEntry machine)
    {
        var item = new MachineObject(_connection, machine.Name, _book.Find, _actions);
        _objects[machine.Name] = item;
        _connection.AddMethodHandler(item);
        _manager.EmitAdded(machine);
    }

    void IBookReader.OnRemoved(MachineEntry machine)
    {
        if (_objects.Remove(machine.Name, out MachineObject? item))
        {
            _manager.EmitRemoved(machine);
            _connection.RemoveMethodHandler(item.Path);
        }
    }

    void IBookReader.OnChanged(MachineEntry before, MachineEntry now) => _objects[now.Name].OnChanged(before, now);

    void IBookReader.OnCrashed(MachineEntry machine, string process, string text, bool isFinal)
    {
        _objects[machine.Name].EmitTexts("Crashed", process, text);
        _notifications.Tell(machine.Name, $"{machine.Title}: {process} crashed", text, isUrgent: isFinal);
    }

    void IBookReader.OnRecovered(MachineEntry machine, string process, string text) =>
        _objects[machine.Name].EmitTexts("Recovered", process, text);

    void IBookReader.OnEnded(MachineEntry machine, bool isOk, string text)
    {
        _objects[machine.Name].EmitEnded(isOk, text);
        if (!isOk)
        {
            _notifications.Tell(machine.Name, $"{machine.Title} has ended", text, isUrgent: true);
        }
    }

    private static int Fail(string text)
    {
        OutputFile.StandardError.WriteLine($"splitvmm: {OneLine.Clean(text)}");
        return ExitStatus.Failed;
    }
}
