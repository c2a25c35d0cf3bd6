namespace SplitVmm.DisplayProcess.Clipboard;

/// <summary>Lines that a guest can cause: one a minute, with how many others there were.</summary>
/// <param name="log">Takes a line.</param>
/// <param name="clock">Milliseconds of any steady clock.</param>
internal sealed class RareLog(Action<string> log, Func<long> clock)
{
    private const long Interval = 60_000;

    private long? _last;
    private int _left;

    public void Write(string line)
    {
        long now = clock();
        if (_last is { } last && now - last < Interval)
        {
            _left++;
            return;
        }

        log(_left == 0 ? line : $"{line} ({_left} more since the last such line)");
        _last = now;
        _left = 0;
    }
}
