using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>Xlib (<c>libX11.so.6</c>), which SDL has loaded where it shows windows on X11.</summary>
internal static unsafe partial class LibX11
{
    private const string Library = "libX11.so.6";

    /// <returns>The handler before.</returns>
    [LibraryImport(Library)]
    public static partial nint XSetErrorHandler(delegate* unmanaged[Cdecl]<nint, XErrorEvent*, int> handler);
}
