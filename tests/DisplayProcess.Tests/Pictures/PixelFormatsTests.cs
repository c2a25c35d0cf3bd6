using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

/// <summary>
/// Against an oracle that knows only what virtio says: the order of the bytes in memory, which is the name of the
/// VIRTIO_GPU_FORMAT_x that the wire's documentation gives for each fourcc.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class PixelFormatsTests
{
    public static TheoryData<DrmFourcc, string> Formats => new()
    {
        { DrmFourcc.DRM_FORMAT_XRGB8888, "BGRX" },
        { DrmFourcc.DRM_FORMAT_ARGB8888, "BGRA" },
        { DrmFourcc.DRM_FORMAT_XBGR8888, "RGBX" },
        { DrmFourcc.DRM_FORMAT_ABGR8888, "RGBA" },
        { DrmFourcc.DRM_FORMAT_BGRX8888, "XRGB" },
        { DrmFourcc.DRM_FORMAT_BGRA8888, "ARGB" },
        { DrmFourcc.DRM_FORMAT_RGBX8888, "XBGR" },
        { DrmFourcc.DRM_FORMAT_RGBA8888, "ABGR" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void ConvertRow_AnyLength_MatchesTheByteOrder(DrmFourcc format, string bytesInMemory)
    {
        var random = new Random(7);
        for (int length = 0; length <= 67; length++)
        {
            var memory = new byte[length * 4];
            random.NextBytes(memory);
            var converted = new uint[length];

            PixelFormats.ConvertRow(format, PixelFormats.AsPixels(memory), converted);

            for (int i = 0; i < length; i++)
            {
                byte Channel(char name) => memory[(i * 4) + bytesInMemory.IndexOf(name, StringComparison.Ordinal)];
                uint top = Channel(bytesInMemory.Contains('A', StringComparison.Ordinal) ? 'A' : 'X');
                uint expected = (top << 24) | ((uint)Channel('R') << 16) | ((uint)Channel('G') << 8) | Channel('B');
                Assert.Equal(expected, converted[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void HasAlpha_SaysWhetherTheNameHasAnA(DrmFourcc format, string bytesInMemory) =>
        Assert.Equal(bytesInMemory.Contains('A', StringComparison.Ordinal), PixelFormats.HasAlpha(format));
}
