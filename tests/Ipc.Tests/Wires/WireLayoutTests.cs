using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using SplitVmm.Wires.Plug;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>The wires are a contract between programs that may be built apart: sizes, offsets and numbers stay.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class WireLayoutTests
{
    [Fact]
    public void Framing_Header_HasItsLayout() =>
        LayoutAssert.Is<WireHeader>(8, ("Type", 0), ("Size", 4));

    [Fact]
    public void Framing_Hello_HasItsLayout() =>
        LayoutAssert.Is<WireHello>(16, ("Magic", 0), ("Version", 8), ("Role", 12));

    [Fact]
    public void Display_Hello_HasItsLayout() => LayoutAssert.Is<DisplayHello>(
        24, ("Common", 0), ("Transports", 16), ("FormatCount", 20));

    [Fact]
    public void Display_ScanoutConfiguration_HasItsLayout() => LayoutAssert.Is<ScanoutConfiguration>(
        48,
        ("Scanout", 0),
        ("Generation", 4),
        ("Width", 8),
        ("Height", 12),
        ("Format", 16),
        ("Stride", 20),
        ("BufferCount", 24),
        ("Flags", 28),
        ("BufferOffset", 32),
        ("BufferSize", 40));

    [Fact]
    public void Display_FrameAndDamage_HaveTheirLayout()
    {
        LayoutAssert.Is<Frame>(
            32, ("Scanout", 0), ("Generation", 4), ("Buffer", 8), ("DamageCount", 12), ("Sequence", 16), ("Flushed", 24));
        LayoutAssert.Is<DamageRectangle>(16, ("X", 0), ("Y", 4), ("Width", 8), ("Height", 12));
        LayoutAssert.Is<FrameDone>(24, ("Scanout", 0), ("Generation", 4), ("Buffer", 8), ("Reserved", 12), ("Sequence", 16));
        LayoutAssert.Is<ScanoutReference>(8, ("Scanout", 0), ("Reserved", 4));
    }

    [Fact]
    public void Display_DmaBufs_HaveTheirLayout()
    {
        LayoutAssert.Is<PictureFormat>(16, ("Format", 0), ("Reserved", 4), ("Modifier", 8));
        LayoutAssert.Is<DmaBufConfiguration>(
            40,
            ("Scanout", 0),
            ("Generation", 4),
            ("Width", 8),
            ("Height", 12),
            ("Format", 16),
            ("Flags", 20),
            ("Modifier", 24),
            ("PlaneCount", 32),
            ("Reserved", 36));
        LayoutAssert.Is<DmaBufPlane>(8, ("Offset", 0), ("Stride", 4));
        LayoutAssert.Is<DmaBufBuffer>(48, ("Scanout", 0), ("Generation", 4), ("Buffer", 8), ("Reserved", 12), ("Planes", 16));
        LayoutAssert.Is<BufferReference>(16, ("Scanout", 0), ("Generation", 4), ("Buffer", 8), ("Reserved", 12));
    }

    [Fact]
    public void Plug_Order_HasItsLayout() => LayoutAssert.Is<PlugOrder>(8, ("Role", 0), ("Device", 4));

    [Fact]
    public void Display_Cursor_HasItsLayout()
    {
        LayoutAssert.Is<CursorImage>(
            32,
            ("Scanout", 0),
            ("HotX", 4),
            ("HotY", 8),
            ("Width", 12),
            ("Height", 16),
            ("Format", 20),
            ("Stride", 24),
            ("Reserved", 28));
        LayoutAssert.Is<CursorPosition>(16, ("Scanout", 0), ("X", 4), ("Y", 8), ("Reserved", 12));
    }

    [Fact]
    public void Display_OutputInfo_HasItsLayout() => LayoutAssert.Is<OutputInfo>(
        32,
        ("Scanout", 0),
        ("Enabled", 4),
        ("Width", 8),
        ("Height", 12),
        ("WidthMillimetres", 16),
        ("HeightMillimetres", 20),
        ("RefreshMillihertz", 24),
        ("Scale120", 28));

    [Fact]
    public void Input_Messages_HaveTheirLayout()
    {
        LayoutAssert.Is<InputBatch>(8, ("Device", 0), ("Count", 4));
        LayoutAssert.Is<InputEvent>(8, ("Type", 0), ("Code", 2), ("Value", 4));
        LayoutAssert.Is<InputLeds>(8, ("Lit", 0), ("Reserved", 4));
    }

    [Theory]
    [InlineData(DisplayMessageType.Hello, 0x01)]
    [InlineData(DisplayMessageType.ScanoutSet, 0x10)]
    [InlineData(DisplayMessageType.ScanoutDisable, 0x11)]
    [InlineData(DisplayMessageType.Frame, 0x12)]
    [InlineData(DisplayMessageType.ScanoutSetDmaBuf, 0x13)]
    [InlineData(DisplayMessageType.BufferSet, 0x14)]
    [InlineData(DisplayMessageType.BufferForget, 0x15)]
    [InlineData(DisplayMessageType.CursorImage, 0x20)]
    [InlineData(DisplayMessageType.CursorMove, 0x21)]
    [InlineData(DisplayMessageType.CursorHide, 0x22)]
    [InlineData(DisplayMessageType.OutputInfo, 0x80)]
    [InlineData(DisplayMessageType.FrameDone, 0x81)]
    [InlineData(DisplayMessageType.BufferRefused, 0x82)]
    public void Display_MessageNumber_Stays(DisplayMessageType type, uint number) => Assert.Equal(number, (uint)type);

    [Theory]
    [InlineData(DrmFourcc.DRM_FORMAT_XRGB8888, "XR24")]
    [InlineData(DrmFourcc.DRM_FORMAT_ARGB8888, "AR24")]
    [InlineData(DrmFourcc.DRM_FORMAT_XBGR8888, "XB24")]
    [InlineData(DrmFourcc.DRM_FORMAT_ABGR8888, "AB24")]
    [InlineData(DrmFourcc.DRM_FORMAT_BGRX8888, "BX24")]
    [InlineData(DrmFourcc.DRM_FORMAT_BGRA8888, "BA24")]
    [InlineData(DrmFourcc.DRM_FORMAT_RGBX8888, "RX24")]
    [InlineData(DrmFourcc.DRM_FORMAT_RGBA8888, "RA24")]
    public void Display_Fourcc_SpellsItsName(DrmFourcc format, string letters)
    {
        uint expected = letters[0] | ((uint)letters[1] << 8) | ((uint)letters[2] << 16) | ((uint)letters[3] << 24);

        Assert.Equal(expected, (uint)format);
    }
}
