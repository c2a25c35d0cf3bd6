using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>What the X server shows as pointer right now (XFixesGetCursorImage), which no screen capture contains.</summary>
/// <param name="Pixels">0xAARRGGBB, premultiplied.</param>
internal sealed partial record ShownCursor(int Width, int Height, int HotX, int HotY, uint[] Pixels)
{
    public static ShownCursor Get(string displayName)
    {
        nint display = XOpenDisplay(displayName);
        Xunit.Assert.NotEqual(0, display);
        nint image = XFixesGetCursorImage(display);
        Xunit.Assert.NotEqual(0, image);
        CursorImage header = Marshal.PtrToStructure<CursorImage>(image);
        var pixels = new uint[header.Width * header.Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            // Each pixel is a C long.
            pixels[i] = (uint)Marshal.ReadInt64(header.Pixels, i * sizeof(long));
        }

        _ = XFree(image);
        _ = XCloseDisplay(display);
        return new ShownCursor(header.Width, header.Height, header.HotX, header.HotY, pixels);
    }

    [LibraryImport("libX11.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint XOpenDisplay(string name);

    [LibraryImport("libX11.so.6")]
    private static partial int XCloseDisplay(nint display);

    [LibraryImport("libX11.so.6")]
    private static partial int XFree(nint memory);

    [LibraryImport("libXfixes.so.3")]
    private static partial nint XFixesGetCursorImage(nint display);

    /// <summary><c>XFixesCursorImage</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    private struct CursorImage
    {
        [FieldOffset(4)] public ushort Width;
        [FieldOffset(6)] public ushort Height;
        [FieldOffset(8)] public ushort HotX;
        [FieldOffset(10)] public ushort HotY;
        [FieldOffset(24)] public nint Pixels;
    }
}
