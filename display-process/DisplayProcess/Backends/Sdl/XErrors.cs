using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// Lets the process live through errors of the X server. Xlib's own handler ends the process, and errors are nobody's
/// fault here: SDL asks about the frame that the window manager put around a window, which may be gone when the server
/// gets to the question.
/// </summary>
internal static unsafe class XErrors
{
    private static Action<string>? s_log;

    /// <param name="log">Takes one line about the first error.</param>
    public static void Survive(Action<string> log)
    {
        s_log = log;
        _ = LibX11.XSetErrorHandler(&OnError);
    }

    // Called by Xlib, which owns the event, inside of whatever call reads from the server. What it returns is ignored.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnError(nint display, XErrorEvent* error)
    {
        // One line is enough to know of them: a desktop that makes them makes many.
        Interlocked.Exchange(ref s_log, null)?.Invoke(
            $"the X server refused request {error->RequestCode} about 0x{error->ResourceId:x} with error {error->ErrorCode}; the window goes on");
        return 0;
    }
}
