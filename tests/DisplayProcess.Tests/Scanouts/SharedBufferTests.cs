using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Scanouts;

/// <summary>A head whose frames are dma-bufs: when pixels are copied, and when a buffer is let go.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SharedBufferTests : IDisposable
{
    private static readonly DamageRectangle s_corner = new() { X = 1, Y = 2, Width = 3, Height = 1 };

    private readonly Head _head = new(0);

    public SharedBufferTests() => Configure();

    [Fact]
    public void Frames_CopyNothing_UntilPixelsAreWanted()
    {
        Buffer buffer = Put(0, 0x112233);
        Show(0);
        Show(0, s_corner);

        Assert.Equal(0ul, _head.Copies);
        Assert.Equal(0, buffer.Reads);
        Assert.Equal((8, 4), (_head.Canvas!.Width, _head.Canvas.Height));
        Assert.Equal(0x112233u, _head.Canvas.Pixels[31]);
        Assert.Equal(0x112233u, _head.Canvas.Row(3)[7]);
        Assert.Equal((1ul, 1), (_head.Copies, buffer.Reads));
    }

    [Fact]
    public void Pixels_WantedAgain_BringOnlyWhatChanged()
    {
        Buffer buffer = Put(0, 1);
        Show(0);
        _ = _head.Canvas!.Pixels;
        Show(0, s_corner);
        _ = _head.Canvas.Pixels;

        Assert.Equal([(0u, 0u, 8u, 4u), (1u, 2u, 3u, 1u)], buffer.Stale);
        Assert.Equal(2ul, _head.Copies);
    }

    [Fact]
    public void Buffer_ReplacedOrForgotten_GoesWhenAnotherOneIsShown()
    {
        Buffer first = Put(0, 1);
        Show(0);
        Buffer second = Put(0, 2);
        Assert.False(first.IsDisposed);
        Show(0);

        Assert.True(first.IsDisposed);
        Assert.Same(second, _head.Shared);
        _head.SetBuffer(0, null);
        Assert.False(second.IsDisposed);
        Put(1, 3);
        Show(1);
        Assert.True(second.IsDisposed);
    }

    [Fact]
    public void Buffer_IsReadToTheEnd_BeforeAnotherOneIsAnswered()
    {
        Buffer first = Put(0, 1);
        Buffer second = Put(1, 2);
        Show(0);
        Show(0);
        Assert.Equal(0, first.Awaited);
        Show(1);

        Assert.Equal((1, 0), (first.Awaited, second.Awaited));
    }

    [Fact]
    public void Buffer_ThatIsNotShown_GoesAtOnce()
    {
        Buffer first = Put(0, 1);
        Buffer other = Put(1, 2);
        Show(0);
        _head.SetBuffer(1, null);

        Assert.True(other.IsDisposed);
        Assert.False(first.IsDisposed);
    }

    [Fact]
    public void Source_Gone_ThePictureStays()
    {
        Buffer first = Put(0, 7);
        Buffer other = Put(1, 8);
        Show(0);
        _head.Release();

        Assert.True(other.IsDisposed);
        Assert.False(first.IsDisposed);
        Assert.Equal(7u, _head.Canvas!.Pixels[0]);
        _head.Blank();
        Assert.True(first.IsDisposed);
        Assert.Null(_head.Canvas);
    }

    [Fact]
    public void MemFds_AfterDmaBufs_AreCopiedOnceEach_AndTheCountGoesOn()
    {
        Buffer buffer = Put(0, 5);
        Show(0);
        _ = _head.Canvas!.Pixels;
        using MemFd memory = MemFd.Create("shared-buffer", 4096, Seals.F_SEAL_SHRINK);
        _head.Configure(
            new ScanoutConfiguration
            {
                Generation = 2,
                Width = 8,
                Height = 4,
                Format = DrmFourcc.DRM_FORMAT_XRGB8888,
                Stride = 32,
                BufferCount = 1,
                BufferSize = 128,
                Flags = ScanoutFlags.Y0Top,
            },
            memory);
        Assert.Equal(5u, _head.Canvas.Pixels[0]);
        _head.Take(new Frame { Generation = 2, DamageCount = 1 }, [s_corner]);

        Assert.True(buffer.IsDisposed);
        Assert.Null(_head.Shared);
        Assert.Equal(0u, _head.Canvas.Pixels[0]);
        Assert.Equal(2ul, _head.Copies);
    }

    public void Dispose() => _head.Dispose();

    private void Configure() => _head.Configure(new DmaBufConfiguration
    {
        Generation = 1,
        Width = 8,
        Height = 4,
        Format = DrmFourcc.DRM_FORMAT_XRGB8888,
        PlaneCount = 1,
    });

    private Buffer Put(uint slot, uint colour)
    {
        var buffer = new Buffer(colour);
        _head.SetBuffer(slot, buffer);
        return buffer;
    }

    private void Show(uint buffer, DamageRectangle? damage = null) => _head.Take(
        new Frame { Generation = 1, Buffer = buffer, DamageCount = 1 }, [damage ?? new DamageRectangle { Width = 8, Height = 4 }]);

    private sealed class Buffer(uint colour) : SharedBuffer
    {
        public override string Use => "test";

        public int Reads { get; private set; }

        public int Awaited { get; private set; }

        public bool IsDisposed { get; private set; }

        public List<(uint X, uint Y, uint Width, uint Height)> Stale { get; } = [];

        public override void Read(Canvas canvas, DamageList stale)
        {
            Reads++;
            foreach (DamageRectangle part in stale.Rectangles)
            {
                Stale.Add((part.X, part.Y, part.Width, part.Height));
            }

            for (int y = 0; y < canvas.Height; y++)
            {
                canvas.Row(y).Fill(colour);
            }
        }

        public override void AwaitReads() => Awaited++;

        protected override void Release() => IsDisposed = true;
    }
}
