using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Launching;

/// <summary>A machine that is being started in the background. It runs on when this object goes.</summary>
/// <param name="name">Of the machine.</param>
/// <param name="child"><c>splitvmm run</c>, or systemd's tool that waits for it.</param>
/// <param name="isWatcher">The latter: nothing is lost by its end.</param>
internal sealed class Launch(string name, ChildProcess child, bool isWatcher) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>Waits until the machine is where the caller wants it.</summary>
    /// <param name="isReached">Judges what the machine says of itself.</param>
    /// <returns>Null, or one line that says why it ended first.</returns>
    public async Task<string?> WaitAsync(Func<MachineInfo, bool> isReached, CancellationToken cancellation)
    {
        while (true)
        {
            // In this order: a machine that ran to its end in between is no failure to start.
            bool hasEnded = child.HasEnded;
            if (await AskAsync(cancellation).ConfigureAwait(false) is { } state && isReached(state))
            {
                return null;
            }

            if (hasEnded)
            {
                return LastWords();
            }

            await Task.Delay(Pace, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        if (isWatcher)
        {
            child.Signal(Libc.SIGTERM);
        }

        child.Abandon();
    }

    private async Task<MachineInfo?> AskAsync(CancellationToken cancellation)
    {
        using MachineConnection? connection = RunningMachines.TryConnect(name);
        try
        {
            return connection is null
                ? null
                : await connection.Machine.GetStateAsync(
                    new StateRequest(), deadline: DateTime.UtcNow + AnswerLimit, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // It is not so far yet, or ends.
            return null;
        }
    }

    // The line by which splitvmm run says why it ended.
    private string LastWords()
    {
        const string Prefix = "splitvmm: ";
        try
        {
            string? line = File.ReadLines(StateFolder.LogOf(name)).LastOrDefault(line => line.StartsWith(Prefix, StringComparison.Ordinal))
                ?? File.ReadLines(StateFolder.LogOf(name)).LastOrDefault();
            return line is null ? "it ended and said nothing" : OneLine.Clean(line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : line);
        }
        catch (IOException error)
        {
            return $"it ended, and its log cannot be read: {error.Message}";
        }
    }
}
