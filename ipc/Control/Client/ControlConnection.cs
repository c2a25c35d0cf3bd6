using System.Threading.Channels;
using Grpc.Core;
using SplitVmm.Control.Interop;
using SplitVmm.Control.Messages;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Control.Client;

/// <summary>
/// The process's end of its control connection. It runs on the thread pool; what it hears goes to the process's
/// own loop, and <see cref="Report"/> may be called from any thread and never blocks.
/// </summary>
public sealed class ControlConnection<TReport, TCommand> : IDisposable
    where TReport : class, IReport, new()
    where TCommand : class, ICommand
{
    /// <summary>Reports that may wait for a slow supervisor; further ones are dropped.</summary>
    private const int Backlog = 256;

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly ControlClientOptions<TCommand> _options;
    private readonly InheritedChannel _channel;
    private readonly AsyncDuplexStreamingCall<TReport, TCommand> _call;
    private readonly Channel<TReport> _outgoing = Channel.CreateBounded<TReport>(
        new BoundedChannelOptions(Backlog) { SingleReader = true });

    private Task _sending = Task.CompletedTask;
    private Task _receiving = Task.CompletedTask;
    private int _ended;
    private volatile bool _disposed;

    private ControlConnection(
        InheritedChannel channel,
        AsyncDuplexStreamingCall<TReport, TCommand> call,
        ControlClientOptions<TCommand> options)
    {
        _channel = channel;
        _call = call;
        _options = options;
    }

    /// <summary>
    /// Says hello over the inherited <paramref name="socket"/> (ownership passes) and waits for the welcome.
    /// Commands arrive from then on, those received before the loop runs wait in it.
    /// </summary>
    /// <exception cref="ControlException">The supervisor refused, did not answer in time, or is of another version.</exception>
    internal static ControlConnection<TReport, TCommand> Attach(
        Descriptor socket,
        Func<CallInvoker, AsyncDuplexStreamingCall<TReport, TCommand>> attach,
        ControlClientOptions<TCommand> options)
    {
        if (options.DieWithParent)
        {
            ParentDeath.Arm();
        }

        InheritedChannel? channel = null;
        ControlConnection<TReport, TCommand>? connection = null;
        try
        {
            channel = new InheritedChannel(socket);
            connection = new ControlConnection<TReport, TCommand>(channel, attach(channel.Calls), options);
            // A process attaches before its loop runs; its main thread has nothing else to do than wait.
            connection.GreetAsync().WaitAsync(options.WelcomeTimeout).GetAwaiter().GetResult();
            connection.StartPumps();
            return connection;
        }
        catch (Exception e) when (e is RpcException or IOException or TimeoutException or System.Net.Sockets.SocketException)
        {
            connection?._call.Dispose();
            channel?.Dispose();
            throw e as ControlException ?? new ControlException(DescribeFailure(e, options), e);
        }
    }

    /// <summary>Queues a report. From any thread; never blocks.</summary>
    /// <returns>False if it was dropped: the supervisor does not read, or has gone.</returns>
    public bool Report(TReport report) => _outgoing.Writer.TryWrite(report);

    /// <summary>Answers a command that asked for an answer.</summary>
    /// <param name="command">The command received.</param>
    /// <param name="error">Null: done. Otherwise one line that says why not.</param>
    public void Reply(TCommand command, string? error = null)
    {
        if (command.Id != 0)
        {
            _ = Report(Wrap(new ProcessReport { Result = new Result { Id = command.Id, Error = error ?? "" } }));
        }
    }

    /// <summary>Tells the supervisor what this process has given up. Before the report that it is ready.</summary>
    public void Confined(SandboxReport sandbox) => _ = Report(Wrap(new ProcessReport { Sandbox = sandbox }));

    /// <summary>Tells the supervisor in one line why this process is about to end with a status other than 0.</summary>
    public void Fail(string text) =>
        _ = Report(Wrap(new ProcessReport { Failure = new Failure { Text = text } }));

    /// <summary>Has the supervisor take what is queued, for at most <see cref="FlushTimeout"/>, and closes the connection.</summary>
    public void Dispose()
    {
        _disposed = true;
        _ = Interlocked.Exchange(ref _ended, 1);
        _ = _outgoing.Writer.TryComplete();
        // Both report their own failures; here only their end matters. The supervisor ends the call when it has read everything: to cut
        // it before would take from it what it has received and not read yet.
        _ = Task.WhenAny(Task.WhenAll(_sending, _receiving), Task.Delay(FlushTimeout)).GetAwaiter().GetResult();
        _call.Dispose();
        _channel.Dispose();
    }

    private static TReport Wrap(ProcessReport report) => new() { Process = report };

    private static string DescribeFailure(Exception e, ControlClientOptions<TCommand> options) => e switch
    {
        TimeoutException => $"the supervisor did not answer within {options.WelcomeTimeout.TotalSeconds:0.#} s",
        RpcException rpc => $"the control connection failed: {rpc.Status.Detail}",
        _ => $"the control connection failed: {e.Message}",
    };

    private async Task GreetAsync()
    {
        var hello = new Hello
        {
            Version = ControlProtocol.Version,
            Process = _options.Process,
            Pid = Environment.ProcessId,
        };
        hello.Capabilities.AddRange(_options.Capabilities);
        await _call.RequestStream.WriteAsync(Wrap(new ProcessReport { Hello = hello })).ConfigureAwait(false);
        if (!await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
        {
            throw new ControlException("the supervisor closed the control connection without an answer");
        }

        ProcessCommand? answer = _call.ResponseStream.Current.Process;
        switch (answer?.KindCase)
        {
            case ProcessCommand.KindOneofCase.Welcome when answer.Welcome.Version == ControlProtocol.Version:
                return;
            case ProcessCommand.KindOneofCase.Welcome:
                throw new ControlException(
                    $"splitvmm speaks control protocol {answer.Welcome.Version} and {_options.Process} speaks "
                    + $"{ControlProtocol.Version}: they come from different builds");
            case ProcessCommand.KindOneofCase.Refused:
                throw new ControlException(answer.Refused.Reason);
            default:
                throw new ControlException("the supervisor did not answer the hello");
        }
    }

    private void StartPumps()
    {
        _sending = Task.Run(SendAsync);
        _receiving = Task.Run(ReceiveAsync);
    }

    private async Task SendAsync()
    {
        try
        {
            await foreach (TReport report in _outgoing.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                await _call.RequestStream.WriteAsync(report).ConfigureAwait(false);
            }

            await _call.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The receiving side sees the same end and acts on it.
            _ = _outgoing.Writer.TryComplete();
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                Dispatch(_call.ResponseStream.Current);
            }
        }
        catch (Exception e) when (e is RpcException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // However the connection ended, there is no supervisor any more.
        }

        // Also after a Quit: whoever is slow to end, or hangs, has nobody left who would kill it.
        if (_options.LostDeadline is { } deadline && !_disposed)
        {
            _ = Task.Delay(deadline).ContinueWith(_ => ParentDeath.ExitNow(1), TaskScheduler.Default);
        }

        End(EndReason.SupervisorLost);
    }

    private void Dispatch(TCommand command)
    {
        switch (command.Process?.KindCase)
        {
            case null:
                _options.Post(() => _options.OnCommand(command));
                break;
            case ProcessCommand.KindOneofCase.Ping:
                var pong = new Pong { Nonce = command.Process.Ping.Nonce };
                _options.Post(() => Report(Wrap(new ProcessReport { Pong = pong })));
                break;
            case ProcessCommand.KindOneofCase.Quit:
                End(EndReason.Quit);
                break;
        }
    }

    private void End(EndReason reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            _options.Post(() => _options.OnEnd(reason));
        }
    }
}
