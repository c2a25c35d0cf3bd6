using System.Threading.Channels;
using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Spawning;

namespace SplitVmm.DesktopService.Bus.Book;

/// <summary>Follows a machine that runs, over its control socket, until it has ended.</summary>
/// <param name="name">Of the machine.</param>
/// <param name="connection">To it; owned from here on.</param>
/// <param name="changed">Takes what it says of itself now.</param>
/// <param name="happened">Takes what it tells, after <paramref name="changed"/>.</param>
internal sealed class MachineFollower(
    string name, MachineConnection connection, Action<string, MachineInfo> changed, Action<string, MachineEvent> happened)
{
    /// <summary>From the end of the machine until the end of its splitvmm.</summary>
    private static readonly TimeSpan LastStep = TimeSpan.FromSeconds(10);

    // More news than the last question answers needs one more question, not one for each.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ProcessEnd? _end;

    /// <summary>Its first state is known, or it has ended before.</summary>
    public Task Known => _known.Task;

    /// <returns>When there is no such machine any more.</returns>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            using AsyncServerStreamingCall<MachineEvent> events = connection.Machine.Events(new EventsRequest(), cancellationToken: cancellation);
            // From here on nothing is missed.
            _ = await events.ResponseHeadersAsync.ConfigureAwait(false);
            _ = _news.Writer.TryWrite(true);
            // Apart from each other: a machine that ends tells why, but answers no question any more.
            Task asking = AskAsync(cancellation);
            await TellAsync(events.ResponseStream, cancellation).ConfigureAwait(false);
            _ = _news.Writer.TryComplete();
            connection.Dispose();
            await asking.ConfigureAwait(false);
            // Its name is free only when the splitvmm that ran it has gone.
            _ = await Task.Run(() => _end?.Wait(LastStep), CancellationToken.None).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // It has ended, or the service ends.
        }
        finally
        {
            connection.Dispose();
            _end?.Dispose();
            _ = _known.TrySetResult();
        }
    }

    private async Task TellAsync(IAsyncStreamReader<MachineEvent> events, CancellationToken cancellation)
    {
        try
        {
            await foreach (MachineEvent item in events.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                _ = _news.Writer.TryWrite(true);
                happened(name, item);
            }
        }
        catch (RpcException)
        {
            // It was killed, or the service ends.
        }
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        try
        {
            while (await _news.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                _ = _news.Reader.TryRead(out _);
                MachineInfo state = await connection.Machine.GetStateAsync(new StateRequest(), cancellationToken: cancellation).ConfigureAwait(false);
                _end ??= new ProcessEnd(state.Pid);
                changed(name, state);
                _ = _known.TrySetResult();
            }
        }
        catch (Exception error) when (error is RpcException or ObjectDisposedException or OperationCanceledException)
        {
            // As above; the other task sees it too.
        }
    }
}
