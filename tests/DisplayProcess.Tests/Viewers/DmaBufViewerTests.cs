using System.Runtime.InteropServices;
using System.Text.Json;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.DisplayProcess.Viewers;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Memory;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Viewers;

/// <summary>Pictures in dma-bufs, which are memfds here: to a viewer by GLib a descriptor is a descriptor.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DmaBufViewerTests : IDisposable
{
    private const int Width = 40;
    private const int Height = 20;
    private const int Stride = 256;
    private const string DRM_FORMAT_XRGB8888 = "875713112";

    private readonly EventLoop _loop = new();
    private readonly Head _head = new(0);
    private readonly ViewerHub _hub;
    private readonly List<string> _log = [];

    public DmaBufViewerTests() => _hub = new ViewerHub(_loop, [_head], _log.Add);

    [Fact]
    public void Picture_OfOnePlane_ComesAsItsDescriptor_AndEachFlipAnew()
    {
        Configure();
        SetBuffer(0, offset: 0, tint: 0x10);
        SetBuffer(1, offset: 0, tint: 0x20);
        Show(0);
        using GlibViewer viewer = Attach();

        JsonElement first = WaitFor(viewer, "ScanoutDMABUF");
        Assert.Equal($"40 20 256 {DRM_FORMAT_XRGB8888} 0 False", Facts(first));
        Assert.Equal(Crc(0x10), first.GetProperty("picture").GetString());
        Assert.Equal("0 0 40 20", Rectangle(WaitFor(viewer, "UpdateDMABUF")));

        Show(0, new DamageRectangle { X = 1, Y = 2, Width = 3, Height = 4 });
        Assert.Equal("1 2 3 4", Rectangle(WaitFor(viewer, "UpdateDMABUF")));
        Show(1);
        Assert.Equal(Crc(0x20), WaitFor(viewer, "ScanoutDMABUF").GetProperty("picture").GetString());
        Assert.Equal("0 0 40 20", Rectangle(WaitFor(viewer, "UpdateDMABUF")));
        Assert.Empty(_log);
    }

    [Fact]
    public void Picture_WithAnOffset_GoesToViewersThatTakeIt()
    {
        Configure(ScanoutFlags.None);
        SetBuffer(0, offset: 4096, tint: 0x30);
        Show(0);
        using GlibViewer takes = Attach(GlibViewer.TakesPlanes);
        using GlibViewer plain = Attach();

        JsonElement planes = WaitFor(takes, "ScanoutDMABUF2");
        Assert.Equal($"40 20 [256] {DRM_FORMAT_XRGB8888} 0 True", Facts(planes));
        Assert.Equal("[4096]", planes.GetProperty("offset").ToString());
        // The viewer turns it over, as it is told.
        Assert.Equal(GlibViewer.CrcOf(Width, Height, (x, y) => Pixel(x, Height - 1 - y, 0x30)), planes.GetProperty("picture").GetString());
        Assert.Equal(Crc(0x30), WaitFor(plain, "Scanout").GetProperty("picture").GetString());
    }

    [Theory]
    [InlineData("ScanoutDMABUF")]
    [InlineData("UpdateDMABUF")]
    public void Viewer_ThatRefusesIt_GetsThePixels(string refused)
    {
        Configure();
        SetBuffer(0, offset: 0, tint: 0x40);
        Show(0);
        using GlibViewer viewer = Attach("--refuse", refused);

        Assert.Equal(Crc(0x40), WaitFor(viewer, "Scanout").GetProperty("picture").GetString());
    }

    public void Dispose()
    {
        _hub.Dispose();
        _head.Dispose();
        _loop.Dispose();
    }

    private static uint Pixel(int x, int y, uint tint) => tint | ((uint)x << 8) | ((uint)y << 16);

    private static string Crc(uint tint) => GlibViewer.CrcOf(Width, Height, (x, y) => Pixel(x, y, tint));

    private static string Facts(JsonElement item) => string.Join(
        ' ', ((string[])["width", "height", "stride", "fourcc", "modifier", "y0_top"]).Select(name => item.GetProperty(name).ToString()));

    private static string Rectangle(JsonElement item) =>
        $"{item.GetProperty("x")} {item.GetProperty("y")} {item.GetProperty("width")} {item.GetProperty("height")}";

    private void Configure(ScanoutFlags flags = ScanoutFlags.Y0Top)
    {
        var configuration = new DmaBufConfiguration
        {
            Generation = 1,
            Width = Width,
            Height = Height,
            Format = DrmFourcc.DRM_FORMAT_XRGB8888,
            Flags = flags,
            PlaneCount = 1,
        };
        _head.Configure(in configuration);
    }

    private void SetBuffer(uint slot, uint offset, uint tint)
    {
        using MemFd memory = MemFd.Create("test-dma-buf", offset + (Stride * Height), Seals.None);
        using (SharedMapping mapping = SharedMapping.Create(memory, 0, (nuint)memory.Size))
        {
            for (int y = 0; y < Height; y++)
            {
                Span<uint> row = MemoryMarshal.Cast<byte, uint>(mapping.Slice(offset + ((nuint)y * Stride), Width * 4));
                for (int x = 0; x < Width; x++)
                {
                    row[x] = Pixel(x, y, tint);
                }
            }
        }

        var buffer = new DmaBufBuffer { Buffer = slot };
        buffer.Planes[0] = new DmaBufPlane { Offset = offset, Stride = Stride };
        DmaBufConfiguration configuration = _head.DmaBufs;
        _head.SetBuffer(slot, new Buffer(tint) { Image = DmaBufImage.Duplicate(in configuration, in buffer, [memory]) });
    }

    private void Show(uint slot, DamageRectangle? damage = null)
    {
        var frame = new Frame { Generation = 1, Buffer = slot, DamageCount = 1 };
        _hub.OnPicture(_head, _head.Take(in frame, [damage ?? new DamageRectangle { Width = Width, Height = Height }]));
    }

    private GlibViewer Attach(params string[] options)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        using (theirs)
        {
            _hub.Attach(0, ours);
            Libc.SetInheritable(theirs.Number);
            return GlibViewer.OnSocket(theirs.Number, options);
        }
    }

    // The display works on this thread, the viewer is a process.
    private JsonElement WaitFor(GlibViewer viewer, string call)
    {
        Task<JsonElement> answer = Task.Run(() => viewer.WaitFor(call));
        while (!answer.IsCompleted)
        {
            _ = _loop.RunOnce(10);
        }

        return answer.GetAwaiter().GetResult();
    }

    private sealed class Buffer(uint tint) : SharedBuffer
    {
        public override string Use => "test";

        public override void Read(Canvas canvas, DamageList stale)
        {
            for (int y = 0; y < canvas.Height; y++)
            {
                for (int x = 0; x < canvas.Width; x++)
                {
                    canvas.Row(y)[x] = Pixel(x, y, tint);
                }
            }
        }

        protected override void Release()
        {
        }
    }
}
