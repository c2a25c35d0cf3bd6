namespace SplitVmm.GpuProcess.Hosting;

/// <summary>
/// Passes lines on that a guest can cause, but only so many a second: a guest must not be able to fill the disk
/// or slow the process down. From any thread.
/// </summary>
internal sealed class GuestLog(Action<string> log)
{
    private const int LinesPerSecond = 10;

    private readonly Lock _lock = new();
    private long _second;
    private int _lines;
    private int _dropped;

    public void Write(string line)
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

            if (++_lines > LinesPerSecond)
            {
                _dropped++;
                return;
            }
        }

        if (dropped > 0)
        {
            log($"({dropped} more lines of this kind were left out)");
        }

        log(Printable(line));
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
