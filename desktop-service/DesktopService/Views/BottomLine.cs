using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.DesktopService.Consoles;

namespace SplitVmm.DesktopService.Views;

/// <summary>
/// Keeps the last row of a terminal for itself: the rows above it scroll (DECSTBM), and the row is written between
/// two pieces of the other output, never inside one of its control sequences.
/// </summary>
internal sealed class BottomLine : IConsoleSink, IDisposable
{
    private const string SaveCursor = "\e7";
    private const string RestoreCursor = "\e8";
    private const string WholeScreenScrolls = "\e[r";
    private const string EraseToEnd = "\e[J";

    /// <summary>A terminal lower than this is left alone.</summary>
    private const int FewestRows = 4;

    private readonly Lock _output = new();
    private readonly OutputFile _terminal;
    private readonly SequenceTracker _tracker = new();
    private readonly PosixSignalRegistration _resized;
    private Func<int, string>? _text;
    private int _rows;
    private bool _atLineStart = true;
    private bool _disposed;

    public BottomLine(OutputFile terminal)
    {
        _terminal = terminal;
        _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Redraw());
    }

    /// <summary>The guest's output, as it comes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        lock (_output)
        {
            _terminal.Write(bytes);
            _tracker.Take(bytes);
            _atLineStart = bytes[^1] == (byte)'\n';
        }
    }

    /// <summary>A line of this program, on a row of its own.</summary>
    public void WriteLine(string line)
    {
        lock (_output)
        {
            _terminal.WriteText((_atLineStart ? "" : "\r\n") + line + "\r\n");
            _atLineStart = true;
        }
    }

    /// <param name="text">Makes the line for a number of columns.</param>
    public void Show(Func<int, string> text)
    {
        lock (_output)
        {
            _text = text;
        }

        Redraw();
    }

    /// <summary>Gives the row back, with nothing on it.</summary>
    public void Dispose()
    {
        lock (_output)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            if (_rows > 0)
            {
                _terminal.WriteText($"{SaveCursor}{WholeScreenScrolls}{RestoreCursor}{EraseToEnd}");
                if (!_atLineStart)
                {
                    _terminal.WriteText("\r\n");
                }
            }
        }

        _resized.Dispose();
    }

    private void Redraw()
    {
        lock (_output)
        {
            // The guest may leave a sequence unfinished for ever; the next refresh looks again.
            if (_disposed || _text is null || !_tracker.IsBetweenSequences
                || TerminalMode.SizeOf(_terminal.Number) is not { Rows: >= FewestRows } size)
            {
                return;
            }

            var update = new StringBuilder();
            if (_rows != size.Rows)
            {
                // A new line first: the cursor may stand on the row that is about to be taken.
                update.Append(_rows == 0 && _atLineStart ? "\n\e[A" : "");
                _rows = size.Rows;
            }

            // The guest may have set the scrolling rows itself: say it every time. Setting them moves the cursor.
            update.Append(SaveCursor).Append($"\e[1;{size.Rows - 1}r");
            update.Append($"\e[{size.Rows};1H\e[0m\e[2K").Append(_text(size.Columns)).Append("\e[0m");
            update.Append(RestoreCursor);
            _terminal.WriteText(update.ToString());
        }
    }
}
