using System.Text;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Text;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Reads a process's standard error by line, and remembers the last ones for a report.</summary>
internal sealed class LineTail : IDisposable
{
    private const int Remembered = 25;

    /// <summary>A line without an end is cut here: what a process writes must not grow in this one.</summary>
    private const int LongestLine = 4096;

    private readonly Action<string> _onLine;
    private readonly Queue<string> _last = new();
    private readonly List<byte> _partial = [];

    /// <param name="pipe">Read end; ownership passes.</param>
    public LineTail(Descriptor pipe, Action<string> onLine)
    {
        Pipe = pipe;
        _onLine = onLine;
        pipe.SetNonBlocking(true);
    }

    public Descriptor Pipe { get; }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<string> Last => _last;

    /// <summary>Takes what is there.</summary>
    /// <returns>False at the end of the stream.</returns>
    public unsafe bool Read()
    {
        byte* buffer = stackalloc byte[4096];
        for (; ; )
        {
            nint count = Libc.read(Pipe.Number, buffer, 4096);
            if (count <= 0)
            {
                // An error other than "nothing there yet" cannot be read past either.
                bool more = count < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError()
                    is Platform.Errors.Errno.EAGAIN or Platform.Errors.Errno.EINTR;
                if (!more)
                {
                    EndLine();
                }

                return more;
            }

            // The kernel wrote count bytes of the buffer of this frame.
            foreach (byte value in new ReadOnlySpan<byte>(buffer, (int)count))
            {
                Take(value);
            }
        }
    }

    public void Dispose() => Pipe.Dispose();

    private void Take(byte value)
    {
        if (value == '\n' || _partial.Count == LongestLine)
        {
            EndLine();
        }

        if (value != '\n')
        {
            _partial.Add(value);
        }
    }

    private void EndLine()
    {
        string line = OneLine.Clean(Encoding.UTF8.GetString([.. _partial]));
        _partial.Clear();
        if (line.Length == 0)
        {
            return;
        }

        _last.Enqueue(line);
        if (_last.Count > Remembered)
        {
            _ = _last.Dequeue();
        }

        _onLine(line);
    }
}
