using System.Globalization;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>The built display-process with its SDL backend, with a source and a guest at the other ends of its wires.</summary>
internal sealed class DisplayProgram : IDisposable
{
    /// <param name="environment">Which desktop it is on, among other things.</param>
    /// <param name="options">Further options of its command line.</param>
    /// <param name="scanout">Where the source's pictures go.</param>
    /// <exception cref="TimeoutException">It does not say hello; the message has what it says instead.</exception>
    public DisplayProgram(IReadOnlyDictionary<string, string> environment, string[] options, uint scanout = 0)
    {
        (UnixSocket sourceEnd, UnixSocket sinkEnd) = UnixSocket.CreateSeqPacketPair();
        (UnixSocket guestEnd, UnixSocket inputEnd) = UnixSocket.CreateSeqPacketPair();
        using (sinkEnd)
        using (inputEnd)
        {
            Libc.SetInheritable(sinkEnd.Number);
            Libc.SetInheritable(inputEnd.Number);
            Program = ChildProgram.Start(
                SourceTree.Executable("display-process"),
                [
                    "--display-fd", sinkEnd.Number.ToString(CultureInfo.InvariantCulture),
                    "--input-fd", inputEnd.Number.ToString(CultureInfo.InvariantCulture),
                    "--backend", "sdl", .. options,
                ],
                environment);
        }

        Source = new PictureSource(sourceEnd) { Scanout = scanout };
        Guest = new GuestInput(guestEnd);
        try
        {
            Source.WaitUntilReady();
        }
        catch (TimeoutException e)
        {
            _ = Program.WaitForError("\n", TimeSpan.FromSeconds(1));
            string said = Program.StandardError;
            Dispose();
            throw new TimeoutException($"{e.Message}\n{said}", e);
        }
    }

    public ChildProgram Program { get; }

    public PictureSource Source { get; }

    public GuestInput Guest { get; }

    /// <summary>Waits for something on the screen or at the guest, serving the wire meanwhile.</summary>
    public bool WaitUntil(Func<bool> condition, int milliseconds = 15_000)
    {
        long end = Environment.TickCount64 + milliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            Source.Pump(30);
        }

        return true;
    }

    public void Dispose()
    {
        Program.Dispose();
        Source.Dispose();
        Guest.Dispose();
    }
}
