using System.Globalization;
using SplitVmm.DisplayProcess.Tests.Clipboard;
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
    /// <param name="hasClipboard">The guest has an agent, and the clipboard is shared with it.</param>
    /// <exception cref="TimeoutException">It does not say hello; the message has what it says instead.</exception>
    public DisplayProgram(IReadOnlyDictionary<string, string> environment, string[] options, uint scanout = 0, bool hasClipboard = false)
    {
        (UnixSocket sourceEnd, UnixSocket sinkEnd) = UnixSocket.CreateSeqPacketPair();
        (UnixSocket guestEnd, UnixSocket inputEnd) = UnixSocket.CreateSeqPacketPair();
        (UnixSocket agentEnd, UnixSocket clientEnd) = UnixSocket.CreateSeqPacketPair();
        using (sinkEnd)
        using (inputEnd)
        using (clientEnd)
        {
            string[] clipboard = [];
            if (hasClipboard)
            {
                Libc.SetInheritable(clientEnd.Number);
                clipboard = ["--agent-fd", clientEnd.Number.ToString(CultureInfo.InvariantCulture), "--clipboard", "on"];
            }

            Libc.SetInheritable(sinkEnd.Number);
            Libc.SetInheritable(inputEnd.Number);
            Program = ChildProgram.Start(
                SourceTree.Executable("display-process"),
                [
                    "--display-fd", sinkEnd.Number.ToString(CultureInfo.InvariantCulture),
                    "--input-fd", inputEnd.Number.ToString(CultureInfo.InvariantCulture),
                    "--backend", "sdl", .. clipboard, .. options,
                ],
                environment);
        }

        Source = new PictureSource(sourceEnd) { Scanout = scanout };
        Guest = new GuestInput(guestEnd);
        Clipboard = new GuestClipboard(agentEnd);
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

    /// <summary>Of the guest; nobody hears it unless the clipboard is shared.</summary>
    public GuestClipboard Clipboard { get; }

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
        Clipboard.Dispose();
    }
}
