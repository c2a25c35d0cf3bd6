using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Bus;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>
/// The way of viewers to display-process. In order, and bounded: a viewer that calls faster than display-process answers must
/// not take the room of what keeps the machine alive.
/// </summary>
internal sealed class DisplayAccess(VirtualMachine machine)
{
    // Below what may wait for a process (ControlSession), which is also asked whether it lives.
    private const int MostUnanswered = 32;

    // The plug wire is also the way of what replaces a process that died.
    private const int MostListenersPerSecond = 50;

    private const string NoDisplay = "display-process does not run now";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    private int _unanswered;
    private long _second;
    private int _listeners;

    /// <summary>Gives display-process the socket of a viewer.</summary>
    /// <param name="head">The monitor that it shows.</param>
    /// <param name="socket">Owned from here on.</param>
    public async Task<BusError?> AttachAsync(int head, Descriptor socket)
    {
        if (!UnixSocket.IsStream(socket))
        {
            socket.Dispose();
            return Invalid("a listener is one end of a pair of Unix stream sockets");
        }

        return await OnLoopAsync(() =>
        {
            using (socket)
            {
                long second = Environment.TickCount64 / 1000;
                _listeners = second == _second ? _listeners + 1 : 1;
                _second = second;
                if (_listeners > MostListenersPerSecond)
                {
                    return BusError.LimitsExceeded("too many listeners were registered just now");
                }

                PlugWireSource? plugs = machine.Processes.FirstOrDefault(process => process.Role == ProcessRole.Display && process.Lifecycle.IsAlive)?.Plugs;
                return plugs?.Plug(new PlugOrder { Role = PlugRole.Viewer, Device = (uint)head }, socket) == SocketStatus.Done ? null : Failed(NoDisplay);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Sends a command; its answer is the call's.</summary>
    public async Task<BusError?> SendAsync(DisplayCommand command)
    {
        if (Interlocked.Increment(ref _unanswered) > MostUnanswered)
        {
            _ = Interlocked.Decrement(ref _unanswered);
            return BusError.LimitsExceeded("too many calls wait for their answers");
        }

        try
        {
            Task<string?>? asking = await OnLoopAsync(() => machine.Display?.RequestAsync(command, AnswerLimit)).ConfigureAwait(false);
            string? error = asking is null ? NoDisplay : await asking.ConfigureAwait(false);
            return error is null ? null : Invalid(error);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _unanswered);
        }
    }

    /// <summary>QEMU's error for what is wrong with a call.</summary>
    public static BusError Invalid(string text) => new("org.qemu.Display1.Error.Invalid", text);

    private static BusError Failed(string text) => new("org.qemu.Display1.Error.Failed", text);

    private Task<T> OnLoopAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        machine.Loop.Post(() => result.SetResult(function()));
        return result.Task;
    }
}
