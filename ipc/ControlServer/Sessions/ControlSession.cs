using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Grpc.Core;
using SplitVmm.Control;
using SplitVmm.Control.Messages;
using SplitVmm.Control.Protocol;

namespace SplitVmm.ControlServer.Sessions;

/// <summary>
/// One process's control connection. Reports of the process's own privilege go to the callback, on a pool thread,
/// one after another; commands may be sent from any thread.
/// </summary>
public sealed class ControlSession<TReport, TCommand> : IControlSession, IControlPeer
    where TReport : class, IReport
    where TCommand : class, ICommand, new()
{
    /// <summary>Commands that may wait for a process that does not read.</summary>
    private const int Backlog = 64;

    private readonly string _process;
    private readonly Action<TReport> _onReport;
    private readonly Channel<TCommand> _outgoing = Channel.CreateBounded<TCommand>(Backlog);
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<string>> _requests = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _pings = new();
    private readonly TaskCompletionSource<Hello> _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _abort;
    private ulong _lastId;
    private int _served;

    internal ControlSession(string process, Action<TReport> onReport)
    {
        _process = process;
        _onReport = onReport;
        // Nobody may be waiting for it when it fails.
        _ = _attached.Task.ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    public Task<Hello> Attached => _attached.Task;

    public Task<string> Ended => _ended.Task;

    public string? Failure { get; private set; }

    public SandboxReport? Sandbox { get; private set; }

    /// <summary>Sends a command without waiting for its outcome.</summary>
    /// <returns>False if there is no connection, or the process does not read.</returns>
    public bool Send(TCommand command) => _outgoing.Writer.TryWrite(command);

    /// <summary>Sends a command and waits for its outcome.</summary>
    /// <returns>Null: done. Otherwise one line that says why not.</returns>
    public async Task<string?> RequestAsync(TCommand command, TimeSpan timeout)
    {
        ulong id = Interlocked.Increment(ref _lastId);
        var outcome = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        command.Id = id;
        _requests[id] = outcome;
        try
        {
            if (!Send(command))
            {
                return $"{_process} does not take commands";
            }

            Task first = await FirstAsync(outcome.Task, timeout).ConfigureAwait(false);
            if (first == outcome.Task)
            {
                string error = await outcome.Task.ConfigureAwait(false);
                return error.Length == 0 ? null : error;
            }

            return first == Ended ? $"{_process} ended" : $"{_process} did not answer within {timeout.TotalSeconds:0.#} s";
        }
        finally
        {
            _ = _requests.TryRemove(id, out _);
        }
    }

    public bool Quit() => Send(Wrap(new ProcessCommand { Quit = new Quit() }));

    public async Task<TimeSpan?> PingAsync(TimeSpan timeout)
    {
        ulong nonce = Interlocked.Increment(ref _lastId);
        var pong = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pings[nonce] = pong;
        long start = Stopwatch.GetTimestamp();
        try
        {
            if (!Send(Wrap(new ProcessCommand { Ping = new Ping { Nonce = nonce } })))
            {
                return null;
            }

            Task first = await FirstAsync(pong.Task, timeout).ConfigureAwait(false);
            return first == pong.Task ? Stopwatch.GetElapsedTime(start) : null;
        }
        finally
        {
            _ = _pings.TryRemove(nonce, out _);
        }
    }

    public void Close() => _abort?.Invoke();

    void IControlPeer.OnConnected(Action abort) => _abort = abort;

    void IControlPeer.OnConnectionClosed() => End($"{_process} closed its control connection");

    /// <summary>Serves the one call of the connection until either side ends it.</summary>
    internal async Task ServeAsync(
        IAsyncStreamReader<TReport> reports, IServerStreamWriter<TCommand> commands, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _served, 1) != 0)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "this process is attached already"));
        }

        try
        {
            if (await GreetAsync(reports, commands, cancellation).ConfigureAwait(false))
            {
                await ExchangeAsync(reports, commands, cancellation).ConfigureAwait(false);
            }

            End($"{_process} closed its control connection");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The peer went away, or sent what is not this protocol: one fact to the supervisor.
            End($"the control connection of {_process} broke: {e.Message}");
        }
        catch (RpcException e)
        {
            // A message over the size limit, for example. The peer hears of it too.
            End($"the control connection of {_process} broke: {e.Status.Detail}");
            throw;
        }
    }

    /// <summary>The answer, the end of the connection or the end of the time, whichever comes first.</summary>
    private async Task<Task> FirstAsync(Task answer, TimeSpan timeout)
    {
        using var over = new CancellationTokenSource();
        Task first = await Task.WhenAny(answer, Ended, Task.Delay(timeout, over.Token)).ConfigureAwait(false);
        // A timer that nobody waits for would stay until it is due.
        await over.CancelAsync().ConfigureAwait(false);
        return first;
    }

    private static TCommand Wrap(ProcessCommand command) => new() { Process = command };

    private async Task<bool> GreetAsync(
        IAsyncStreamReader<TReport> reports, IServerStreamWriter<TCommand> commands, CancellationToken cancellation)
    {
        Hello? hello = await reports.MoveNext(cancellation).ConfigureAwait(false)
            ? reports.Current.Process?.Hello
            : null;
        string? refusal = hello switch
        {
            null => $"{_process} did not begin with a hello",
            { Version: not ControlProtocol.Version } => ControlProtocol.DescribeMismatch(_process, hello.Version),
            _ when hello.Process != _process => $"a program other than {_process} answered in its place",
            _ => null,
        };
        if (refusal is not null)
        {
            var refused = new ProcessCommand { Refused = new Refused { Reason = refusal } };
            await commands.WriteAsync(Wrap(refused), cancellation).ConfigureAwait(false);
            End(refusal);
            return false;
        }

        var welcome = new ProcessCommand { Welcome = new Welcome { Version = ControlProtocol.Version } };
        await commands.WriteAsync(Wrap(welcome), cancellation).ConfigureAwait(false);
        _ = _attached.TrySetResult(hello!);
        return true;
    }

    private async Task ExchangeAsync(
        IAsyncStreamReader<TReport> reports, IServerStreamWriter<TCommand> commands, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task sending = SendAsync(commands, stop.Token);
        try
        {
            while (await reports.MoveNext(cancellation).ConfigureAwait(false))
            {
                Take(reports.Current);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(IServerStreamWriter<TCommand> commands, CancellationToken cancellation)
    {
        await foreach (TCommand command in _outgoing.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            await commands.WriteAsync(command, cancellation).ConfigureAwait(false);
        }
    }

    private void Take(TReport report)
    {
        switch (report.Process)
        {
            case null:
                _onReport(report);
                break;
            case { KindCase: ProcessReport.KindOneofCase.Pong, Pong: var pong }:
                if (_pings.TryGetValue(pong.Nonce, out TaskCompletionSource? ping))
                {
                    _ = ping.TrySetResult();
                }

                break;
            case { KindCase: ProcessReport.KindOneofCase.Result, Result: var result }:
                if (_requests.TryGetValue(result.Id, out TaskCompletionSource<string>? request))
                {
                    _ = request.TrySetResult(result.Error);
                }

                break;
            case { KindCase: ProcessReport.KindOneofCase.Failure, Failure: var failure }:
                Failure ??= failure.Text;
                break;
            case { KindCase: ProcessReport.KindOneofCase.Sandbox, Sandbox: var sandbox }:
                Sandbox = sandbox;
                break;
        }
    }

    private void End(string how)
    {
        _ = _outgoing.Writer.TryComplete();
        _ = _attached.TrySetException(new IOException(how));
        _ = _ended.TrySetResult(how);
    }
}
