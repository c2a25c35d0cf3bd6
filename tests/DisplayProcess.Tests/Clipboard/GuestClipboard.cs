using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>A <see cref="StandInAgent"/> on a thread of its own.</summary>
internal sealed class GuestClipboard : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly StandInAgent _agent;
    private readonly Thread _thread;

    public GuestClipboard(UnixSocket socket)
    {
        _agent = new StandInAgent(_loop, socket);
        _thread = new Thread(_loop.Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The texts that it got.</summary>
    public string[] Texts => Ask(() => _agent.Texts.ToArray());

    /// <summary>It knows what the other side can, so that something copied now is told.</summary>
    public bool IsReady => Ask(() => _agent.Messages.Exists(message => message.Type == StandInAgent.Limit));

    public void Copy(string text) => _loop.Post(() => _agent.Copy(text));

    public void Dispose()
    {
        _loop.Stop();
        _thread.Join();
        _agent.Dispose();
        _loop.Dispose();
    }

    private T Ask<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>();
        _loop.Post(() => answer.SetResult(question()));
        return answer.Task.WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
    }
}
