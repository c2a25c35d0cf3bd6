using SplitVmm.Platform.Events;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Runs an event loop on the test's own thread.</summary>
internal static class LoopPump
{
    /// <summary>Dispatches until nothing is ready any more.</summary>
    public static void Drain(this EventLoop loop)
    {
        while (loop.RunOnce(0) > 0)
        {
        }
    }

    /// <summary>Dispatches until the condition holds; false after ten seconds.</summary>
    public static bool RunUntil(this EventLoop loop, Func<bool> condition)
    {
        long end = Environment.TickCount64 + 10_000;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            _ = loop.RunOnce(100);
        }

        return true;
    }
}
