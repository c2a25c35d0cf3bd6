using System.Diagnostics;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>How long the last pictures took from the guest's flush until they were shown.</summary>
internal sealed class FrameLatency
{
    private const int Remembered = 256;

    // A source may say anything.
    private const long Longest = 60_000_000;

    private readonly uint[] _times = new uint[Remembered];
    private readonly uint[] _sorted = new uint[Remembered];
    private int _next;
    private int _count;

    /// <summary>A picture is shown now.</summary>
    /// <param name="flushed">CLOCK_MONOTONIC in nanoseconds of its flush; 0: unknown, and not counted.</param>
    public void Add(long flushed)
    {
        if (flushed != 0)
        {
            // The ticks of Stopwatch are those nanoseconds.
            Add(TimeSpan.FromMicroseconds(Math.Clamp((Stopwatch.GetTimestamp() - flushed) / 1000, 0, Longest)));
        }
    }

    /// <summary>The same with the time that it took.</summary>
    public void Add(TimeSpan took)
    {
        _times[_next++ % Remembered] = (uint)took.TotalMicroseconds;
        _count = Math.Min(_count + 1, Remembered);
    }

    /// <summary>Microseconds within which the given part of the last pictures were shown; 0 before the first.</summary>
    /// <param name="part">0 to 1.</param>
    public uint Within(double part)
    {
        if (_count == 0)
        {
            return 0;
        }

        Span<uint> sorted = _sorted.AsSpan(0, _count);
        _times.AsSpan(0, _count).CopyTo(sorted);
        sorted.Sort();
        return sorted[(int)(part * (_count - 1))];
    }
}
