using System.Collections.Concurrent;
using Xunit;

namespace SplitVmm.Ipc.Tests.Control;

/// <summary>Stands for a process's event loop: one thread that runs what is posted, and can be made to stand still.</summary>
internal sealed class TestLoop : IDisposable
{
    private readonly BlockingCollection<Action> _posts = [];
    private readonly Thread _thread;

    public TestLoop()
    {
        _thread = new Thread(() =>
        {
            foreach (Action action in _posts.GetConsumingEnumerable())
            {
                action();
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public int ThreadId => _thread.ManagedThreadId;

    public void Post(Action action) => _posts.Add(action);

    public void Dispose()
    {
        _posts.CompleteAdding();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(5)), "the loop thread did not end");
        _posts.Dispose();
    }
}
