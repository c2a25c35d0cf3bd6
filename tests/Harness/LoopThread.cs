using SplitVmm.Platform.Events;

namespace SplitVmm.Harness;

/// <summary>Event loops that run on threads of their own, as seen from a test's.</summary>
public static class LoopThread
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs something on the loop's thread and waits for it.</summary>
    /// <exception cref="TimeoutException">The loop does not get to it.</exception>
    /// <exception cref="InvalidOperationException">It threw what is inside.</exception>
    public static void Invoke(this EventLoop loop, Action action)
    {
        using var done = new ManualResetEventSlim();
        Exception? thrown = null;
        loop.Post(() =>
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                // Carried over to the test's thread.
                thrown = error;
            }

            done.Set();
        });
        if (!done.Wait(s_patience))
        {
            throw new TimeoutException("the loop does not answer");
        }

        if (thrown is not null)
        {
            throw new InvalidOperationException("on the loop's thread", thrown);
        }
    }
}
