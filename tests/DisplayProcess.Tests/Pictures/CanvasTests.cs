using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

[Trait("Tier", Tiers.Unit)]
public sealed class CanvasTests : IDisposable
{
    private const int Width = 37;
    private const int Height = 23;
    private const int Stride = 176;

    private readonly MemFd _memory = MemFd.Create("canvas", 3 * 4096 * 4, Seals.F_SEAL_SHRINK);
    private readonly SharedMapping _mapping;
    private readonly Canvas _canvas = new(Width, Height);

    public CanvasTests()
    {
        _mapping = SharedMapping.Create(_memory, 0, (nuint)_memory.Size);
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(_mapping.Slice(0, (int)_memory.Size));
        for (int i = 0; i < words.Length; i++)
        {
            // Every word of the memory is different, so that no wrong one can be mistaken for the right one.
            words[i] = (uint)i + 1;
        }
    }

    [Theory]
    [InlineData(0u, true)]
    [InlineData(1u, true)]
    [InlineData(2u, false)]
    public void Update_Damage_CopiesExactlyThosePixels(uint buffer, bool upright)
    {
        ScanoutConfiguration configuration = Configuration(upright);
        var part = new DamageRectangle { X = 5, Y = 3, Width = 11, Height = 7 };

        _canvas.Update(_mapping, in configuration, buffer, in part);

        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                bool inside = x >= 5 && x < 16 && y >= 3 && y < 10;
                int row = upright ? y : Height - 1 - y;
                uint word = (uint)((4096 + (buffer * 8192) + (row * Stride)) / 4) + (uint)x + 1;
                Assert.Equal(inside ? word : 0u, _canvas.Row(y)[x]);
            }
        }
    }

    [Fact]
    public void Update_WholePicture_ReachesTheLastPixel()
    {
        ScanoutConfiguration configuration = Configuration(upright: true);

        _canvas.Update(_mapping, in configuration, 0, new DamageRectangle { Width = Width, Height = Height });

        Assert.DoesNotContain(0u, _canvas.Pixels);
        Assert.Equal((uint)((4096 + (22 * Stride)) / 4) + 36 + 1, _canvas.Pixels[^1]);
    }

    public void Dispose()
    {
        _mapping.Dispose();
        _memory.Dispose();
    }

    private static ScanoutConfiguration Configuration(bool upright) => new()
    {
        Width = Width,
        Height = Height,
        Format = DrmFourcc.DRM_FORMAT_XRGB8888,
        Stride = Stride,
        BufferCount = 3,
        BufferOffset = 4096,
        BufferSize = 8192,
        Flags = upright ? ScanoutFlags.Y0Top : ScanoutFlags.None,
    };
}
