using System.Text.Json;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Viewers;

/// <summary>The running display with a viewer by GLib at the end of a socket.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ViewerTests : IDisposable
{
    private const int Width = 64;
    private const int Height = 48;

    private readonly RunningDisplay _display = new(options => options with { HasViewers = true }, canBeReplugged: true);

    private PictureSource Source => _display.Source;

    [Fact]
    public void Picture_PlainViewer_ComesInMessagesAndThenByItsDamage()
    {
        Begin();
        using GlibViewer viewer = Attach();

        JsonElement scanout = viewer.WaitFor("Scanout");
        Assert.Equal((Width, Height), (scanout.GetProperty("width").GetInt32(), scanout.GetProperty("height").GetInt32()));
        Assert.Equal(GlibViewer.CrcOf(Width, Height, First), scanout.GetProperty("picture").GetString());

        Source.Draw(1, Second);
        Source.Show(1, new DamageRectangle { X = 3, Y = 5, Width = 20, Height = 7 });
        JsonElement update = viewer.WaitFor("Update");
        Assert.Equal("3 5 20 7", Rectangle(update));
        Assert.Equal(GlibViewer.CrcOf(Width, Height, Changed), update.GetProperty("picture").GetString());
    }

    [Fact]
    public void Picture_ViewerThatMaps_IsSharedAndCannotBeChanged()
    {
        Begin();
        using GlibViewer viewer = Attach(GlibViewer.MapsMemory);

        JsonElement scanout = viewer.WaitFor("ScanoutMap");
        Assert.Equal(GlibViewer.CrcOf(Width, Height, First), scanout.GetProperty("picture").GetString());
        Assert.Equal("[]", scanout.GetProperty("tampering").ToString());

        Source.Draw(1, Second);
        Source.Show(1, new DamageRectangle { X = 3, Y = 5, Width = 20, Height = 7 });
        JsonElement update = viewer.WaitFor("UpdateMap");
        Assert.Equal("3 5 20 7", Rectangle(update));
        Assert.Equal(GlibViewer.CrcOf(Width, Height, Changed), update.GetProperty("picture").GetString());
    }

    [Fact]
    public void Picture_ViewerThatRefusesMemory_ComesInMessages()
    {
        Begin();
        using GlibViewer viewer = Attach([.. GlibViewer.MapsMemory, "--refuse", "ScanoutMap"]);

        _ = viewer.WaitFor("ScanoutMap");
        Assert.Equal(GlibViewer.CrcOf(Width, Height, First), viewer.WaitFor("Scanout").GetProperty("picture").GetString());
    }

    [Theory]
    [InlineData(false, "Scanout")]
    [InlineData(true, "ScanoutMap")]
    public void Picture_OfAnotherSize_AndNone(bool maps, string call)
    {
        using GlibViewer viewer = Attach(maps ? GlibViewer.MapsMemory : []);
        Begin();
        _ = viewer.WaitFor(call);

        Source.Configure(100, 30);
        Source.Draw(0, Second);
        Source.Show();
        JsonElement larger = viewer.WaitFor(call, item => item.GetProperty("width").GetInt32() == 100);
        Assert.Equal(GlibViewer.CrcOf(100, 30, Second), larger.GetProperty("picture").GetString());

        Source.Disable();
        _ = viewer.WaitFor("Disable");

        Source.Configure(Width, Height);
        Source.Draw(0, First);
        Source.Show();
        Assert.Equal(GlibViewer.CrcOf(Width, Height, First), viewer.WaitFor(call).GetProperty("picture").GetString());
    }

    [Fact]
    public void Cursor_ShownMovedAndHidden_IsTold()
    {
        Begin();
        using GlibViewer viewer = Attach();
        Source.Cursor(2, 2, 1, 0, [0xFF112233, 0, 0, 0]);

        JsonElement defined = viewer.WaitFor("CursorDefine");
        Assert.Equal("2 2 1 0", $"{defined.GetProperty("width")} {defined.GetProperty("height")} {defined.GetProperty("hot_x")} {defined.GetProperty("hot_y")}");
        Assert.Equal((0xFF112233u, 16), (defined.GetProperty("first").GetUInt32(), defined.GetProperty("bytes").GetInt32()));

        Source.MoveCursor(7, 9);
        _ = viewer.WaitFor("MouseSet", item => item.GetProperty("x").GetInt32() == 7 && item.GetProperty("y").GetInt32() == 9 && item.GetProperty("on").GetInt32() == 1);
        Source.HideCursor();
        _ = viewer.WaitFor("MouseSet", item => item.GetProperty("on").GetInt32() == 0);
    }

    [Fact]
    public void Viewer_ThatNeverAnswers_HoldsUpNobody()
    {
        Begin();
        using GlibViewer silent = Attach("--silent", "Scanout");
        using GlibViewer viewer = Attach();
        _ = silent.WaitFor("Scanout");
        _ = viewer.WaitFor("Scanout");
        for (int i = 0; i < 40; i++)
        {
            uint tint = (uint)i;
            Source.Draw(0, (x, y) => First(x, y) ^ tint);
            Source.Show();
        }

        string last = GlibViewer.CrcOf(Width, Height, (x, y) => First(x, y) ^ 39);
        _ = viewer.WaitFor("Update", item => item.GetProperty("picture").GetString() == last);
        Assert.DoesNotContain(silent.Calls, item => item.GetProperty("call").GetString() == "Update");
    }

    [Fact]
    public void Viewer_OneTooMany_FindsItsSocketClosed()
    {
        var held = new List<UnixSocket>();
        for (int i = 0; i < SplitVmm.DisplayProcess.Viewers.ViewerHub.Most; i++)
        {
            held.Add(_display.AttachViewer());
        }

        using UnixSocket extra = _display.AttachViewer();
        Assert.Equal(SocketStatus.Closed, ReadUntilClosed(extra));
        held.ForEach(socket => socket.Dispose());
        using UnixSocket elsewhere = _display.AttachViewer(head: 9);
        Assert.Equal(SocketStatus.Closed, ReadUntilClosed(elsewhere));
    }

    public void Dispose() => _display.Dispose();

    private static SocketStatus ReadUntilClosed(UnixSocket socket)
    {
        var descriptors = new List<SplitVmm.Platform.Descriptors.Descriptor>();
        var buffer = new byte[256];
        SocketStatus status = SocketStatus.WouldBlock;
        _ = SpinWait.SpinUntil(() => (status = socket.Receive(buffer, descriptors, out _)) == SocketStatus.Closed, 20_000);
        return status;
    }

    private static uint First(int x, int y) => (uint)((x * 3) | (y << 8) | 0x400000);

    private static uint Second(int x, int y) => (uint)((x * 2) | (y << 9) | 0x800000);

    private static uint Changed(int x, int y) => x is >= 3 and < 23 && y is >= 5 and < 12 ? Second(x, y) : First(x, y);

    private static string Rectangle(JsonElement item) =>
        $"{item.GetProperty("x")} {item.GetProperty("y")} {item.GetProperty("width")} {item.GetProperty("height")}";

    private void Begin()
    {
        Source.WaitUntilReady();
        Source.Configure(Width, Height);
        Source.Draw(0, First);
        Source.Show();
    }

    private GlibViewer Attach(params string[] options)
    {
        using UnixSocket socket = _display.AttachViewer();
        Libc.SetInheritable(socket.Number);
        return GlibViewer.OnSocket(socket.Number, options);
    }
}
