using System.Runtime.CompilerServices;

namespace SplitVmm.GpuProcess.Logging;

/// <summary>
/// Passes lines on that a guest can cause, but only so many a second: a guest must not be able to fill the disk
/// or slow the process down. From any thread.
/// </summary>
/// <param name="linesPerSecond">0: none at all.</param>
internal sealed class GuestLog(Action<string> log, int linesPerSecond = GuestLog.LinesPerSecond)
{
    public const int LinesPerSecond = 10;

    private readonly Lock _lock = new();
    private long _second;
    private int _lines;
    private int _dropped;

    public void Write(string line)
    {
        if (TryBegin())
        {
            log(Printable(line));
        }
    }

    /// <summary>The same of a line that is put together only if it is passed on; one that is left out allocates nothing.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ref GuestLine line)
    {
        if (line.IsWanted)
        {
            log(Printable(line.TakeText()));
        }
    }

    /// <summary>Counts a line.</summary>
    /// <returns>Whether it is to be passed on.</returns>
    internal bool TryBegin()
    {
        int dropped = 0;
        lock (_lock)
        {
            long now = Environment.TickCount64 / 1000;
            if (now != _second)
            {
                _second = now;
                _lines = 0;
                dropped = _dropped;
                _dropped = 0;
            }

            if (_lines >= linesPerSecond)
            {
                _dropped++;
                return false;
            }

            _lines++;
        }

        if (dropped > 0)
        {
            log($"({dropped} more lines of this kind were left out)");
        }

        return true;
    }

    /// <summary>Names in messages can be the guest's: it must not write to the terminal of whoever reads them.</summary>
    private static string Printable(string line) => string.Create(line.Length, line, static (characters, text) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            characters[i] = char.IsControl(text[i]) || char.IsSurrogate(text[i]) ? '?' : text[i];
        }
    });
}
