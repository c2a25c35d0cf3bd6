using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.DisplayProcess.Viewers.Messages;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>
/// The calls of a viewer's object /org/qemu/Display1/Listener, written and not yet sent (QEMU, D-Bus display,
/// org.qemu.Display1.Listener and its Unix.Map and Unix.ScanoutDMABUF2). Each returns its serial.
/// </summary>
internal sealed class ListenerCalls(ViewerConnection connection)
{
    private const string Object = "/org/qemu/Display1/Listener";
    private const string Listener = "org.qemu.Display1.Listener";
    private const string Map = Listener + ".Unix.Map";
    private const string DmaBuf2 = Listener + ".Unix.ScanoutDMABUF2";

    // PIXMAN_x8r8g8b8: 32 bits, type ARGB, no alpha, eight bits of each colour. The words of a Canvas.
    private const uint PIXMAN_x8r8g8b8 = 0x2002_0888;

    private const int BytesPerPixel = (int)DisplayProtocol.BytesPerPixel;

    /// <summary>Whether a picture of this size can go in a message.</summary>
    public static bool FitsInline(Canvas canvas) => (long)canvas.Width * canvas.Height * BytesPerPixel <= MessageLimits.LargestArray;

    public uint GetInterfaces()
    {
        uint serial = Begin("org.freedesktop.DBus.Properties", "Get", "ss");
        connection.Outgoing.Write(Listener);
        connection.Outgoing.Write("Interfaces");
        return End(serial);
    }

    public uint Disable() => End(Begin(Listener, "Disable", ""));

    public uint Scanout(Canvas canvas)
    {
        uint serial = Begin(Listener, "Scanout", "uuuuay");
        MessageBuilder body = connection.Outgoing;
        body.Write((uint)canvas.Width);
        body.Write((uint)canvas.Height);
        body.Write((uint)(canvas.Width * BytesPerPixel));
        body.Write(PIXMAN_x8r8g8b8);
        WritePixels(canvas, new DamageRectangle { Width = (uint)canvas.Width, Height = (uint)canvas.Height });
        return End(serial);
    }

    public uint Update(Canvas canvas, in DamageRectangle part)
    {
        uint serial = Begin(Listener, "Update", "iiiiuuay");
        WriteRectangle(in part);
        MessageBuilder body = connection.Outgoing;
        body.Write(part.Width * BytesPerPixel);
        body.Write(PIXMAN_x8r8g8b8);
        WritePixels(canvas, part);
        return End(serial);
    }

    public uint ScanoutMap(SharedPicture picture)
    {
        uint serial = Begin(Map, "ScanoutMap", "huuuuu", picture.Memory.Duplicate());
        MessageBuilder body = connection.Outgoing;
        body.Write(0u);
        body.Write(0u);
        body.Write((uint)picture.Width);
        body.Write((uint)picture.Height);
        body.Write((uint)(picture.Width * BytesPerPixel));
        body.Write(PIXMAN_x8r8g8b8);
        return End(serial);
    }

    public uint UpdateMap(in DamageRectangle part) => Update(Map, "UpdateMap", in part);

    /// <param name="image">A simple one.</param>
    public uint ScanoutDmaBuf(DmaBufImage image)
    {
        uint serial = Begin(Listener, "ScanoutDMABUF", "huuuutb", image.Planes[0].Duplicate());
        MessageBuilder body = connection.Outgoing;
        body.Write(0u);
        body.Write(image.Configuration.Width);
        body.Write(image.Configuration.Height);
        body.Write(image.Layout(0).Stride);
        body.Write((uint)image.Configuration.Format);
        body.Write(image.Configuration.Modifier);
        body.Write(IsReversed(image));
        return End(serial);
    }

    public uint ScanoutDmaBuf2(DmaBufImage image)
    {
        Descriptor[] planes = [.. image.Planes.Select(plane => plane.Duplicate())];
        uint serial = Begin(DmaBuf2, "ScanoutDMABUF2", "ahuuuuauauuuuutb", planes);
        MessageBuilder body = connection.Outgoing;
        body.Write([.. Enumerable.Range(0, planes.Length).Select(plane => (uint)plane)]);
        body.Write(0u);
        body.Write(0u);
        body.Write(image.Configuration.Width);
        body.Write(image.Configuration.Height);
        body.Write([.. Enumerable.Range(0, planes.Length).Select(plane => image.Layout(plane).Offset)]);
        body.Write([.. Enumerable.Range(0, planes.Length).Select(plane => image.Layout(plane).Stride)]);
        body.Write((uint)planes.Length);
        body.Write((uint)image.Configuration.Format);
        body.Write(image.Configuration.Width);
        body.Write(image.Configuration.Height);
        body.Write(image.Configuration.Modifier);
        body.Write(IsReversed(image));
        return End(serial);
    }

    public uint UpdateDmaBuf(in DamageRectangle part) => Update(Listener, "UpdateDMABUF", in part);

    public uint MouseSet(int x, int y, bool isShown)
    {
        uint serial = Begin(Listener, "MouseSet", "iii");
        connection.Outgoing.Write(x);
        connection.Outgoing.Write(y);
        connection.Outgoing.Write(isShown ? 1 : 0);
        return End(serial);
    }

    public uint CursorDefine(Sprite image, int hotX, int hotY)
    {
        uint serial = Begin(Listener, "CursorDefine", "iiiiay");
        MessageBuilder body = connection.Outgoing;
        body.Write(image.Width);
        body.Write(image.Height);
        body.Write(hotX);
        body.Write(hotY);
        ReadOnlySpan<byte> pixels = MemoryMarshal.AsBytes(image.Pixels.AsSpan());
        pixels.CopyTo(body.WriteBytes(pixels.Length));
        return End(serial);
    }

    // y0_top is named after OpenGL's bottom: QEMU says false of a picture whose first row in memory is the top one, and viewers turn
    // over what comes with true.
    private static bool IsReversed(DmaBufImage image) => !image.IsUpright;

    private uint Update(string @interface, string member, in DamageRectangle part)
    {
        uint serial = Begin(@interface, member, "iiii");
        WriteRectangle(in part);
        return End(serial);
    }

    private void WriteRectangle(in DamageRectangle part)
    {
        MessageBuilder body = connection.Outgoing;
        body.Write(part.X);
        body.Write(part.Y);
        body.Write(part.Width);
        body.Write(part.Height);
    }

    private void WritePixels(Canvas canvas, in DamageRectangle part)
    {
        int width = (int)part.Width;
        Span<byte> pixels = connection.Outgoing.WriteBytes(width * (int)part.Height * BytesPerPixel);
        for (int row = 0; row < part.Height; row++)
        {
            MemoryMarshal.AsBytes(canvas.Row((int)part.Y + row).Slice((int)part.X, width)).CopyTo(pixels[(row * width * BytesPerPixel)..]);
        }
    }

    private uint Begin(string @interface, string member, string signature, params Descriptor[] descriptors)
    {
        uint serial = connection.NextSerial();
        if (descriptors.Length > 0)
        {
            connection.Attach(descriptors);
        }

        connection.Outgoing.BeginCall(serial, Object, @interface, member, signature, descriptors.Length);
        return serial;
    }

    private uint End(uint serial)
    {
        connection.Outgoing.End();
        return serial;
    }
}
