using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.Harness;
using SplitVmm.VmmCore.Input;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Input;

/// <summary>The configuration of virtio 1.3 section 5.8.4, byte by byte.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InputConfigTests
{
    private const int IdName = 0x01;
    private const int IdSerial = 0x02;
    private const int IdDevids = 0x03;
    private const int PropBits = 0x10;
    private const int EvBits = 0x11;
    private const int AbsInfo = 0x12;

    [Fact]
    public void Structs_HaveTheLayoutOfTheSpecification()
    {
        Assert.Equal(20, Unsafe.SizeOf<VirtioInputAbsInfo>());
        Assert.Equal(0, (int)Marshal.OffsetOf<VirtioInputAbsInfo>(nameof(VirtioInputAbsInfo.Min)));
        Assert.Equal(4, (int)Marshal.OffsetOf<VirtioInputAbsInfo>(nameof(VirtioInputAbsInfo.Max)));
        Assert.Equal(8, (int)Marshal.OffsetOf<VirtioInputAbsInfo>(nameof(VirtioInputAbsInfo.Fuzz)));
        Assert.Equal(12, (int)Marshal.OffsetOf<VirtioInputAbsInfo>(nameof(VirtioInputAbsInfo.Flat)));
        Assert.Equal(16, (int)Marshal.OffsetOf<VirtioInputAbsInfo>(nameof(VirtioInputAbsInfo.Res)));
        Assert.Equal(8, Unsafe.SizeOf<VirtioInputDevids>());
        Assert.Equal(0, (int)Marshal.OffsetOf<VirtioInputDevids>(nameof(VirtioInputDevids.Bustype)));
        Assert.Equal(2, (int)Marshal.OffsetOf<VirtioInputDevids>(nameof(VirtioInputDevids.Vendor)));
        Assert.Equal(4, (int)Marshal.OffsetOf<VirtioInputDevids>(nameof(VirtioInputDevids.Product)));
        Assert.Equal(6, (int)Marshal.OffsetOf<VirtioInputDevids>(nameof(VirtioInputDevids.Version)));
    }

    [Fact]
    public void Names_HaveNoTerminator()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);

        Assert.Equal("SplitVmm Keyboard", Encoding.ASCII.GetString(bench.Query(IdName, 0)!));
        Assert.Equal("Keyboard", Encoding.ASCII.GetString(bench.Query(IdSerial, 0)!));
        Assert.Equal([6, 0, 0xF4, 0x1A, 1, 0, 1, 0], bench.Query(IdDevids, 0));
    }

    [Fact]
    public void Answer_LiesInTheBytesOfTheStructure()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Query(AbsInfo, 1);

        byte[] bytes = bench.ConfigBytes();

        Assert.Equal([AbsInfo, 1, 20, 0, 0, 0, 0, 0], bytes[..8]);
        Assert.Equal([0, 0, 0, 0, 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], bytes[8..28]);
        Assert.All(bytes[28..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Keyboard_AnnouncesKeysLightsAndRepeat()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        byte[] keys = bench.Query(EvBits, 0x01)!;

        Assert.Equal([.. Enumerable.Range(1, 248), 0x161, 0x163], Codes(keys));
        Assert.Equal([0x1F], bench.Query(EvBits, 0x11));
        Assert.Equal([0x03], bench.Query(EvBits, 0x14));
        Assert.Null(bench.Query(EvBits, 0x02));
        Assert.Null(bench.Query(EvBits, 0x03));
        Assert.Null(bench.Query(PropBits, 0));
    }

    [Fact]
    public void Tablet_AnnouncesPositionButtonsAndWheels()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);

        Assert.Equal([0x03], bench.Query(EvBits, 0x03));
        Assert.Equal(
            [0x110, 0x111, 0x112, 0x113, 0x114, 0x115, 0x116, 0x117], Codes(bench.Query(EvBits, 0x01)!));
        Assert.Equal([0x06, 0x08, 0x0B, 0x0C], Codes(bench.Query(EvBits, 0x02)!));
        Assert.Null(bench.Query(EvBits, 0x11));
    }

    [Fact]
    public void Mouse_AnnouncesRelativeMovement()
    {
        using var bench = new InputBench(InputDeviceKind.Mouse);

        Assert.Equal([0x00, 0x01, 0x06, 0x08, 0x0B, 0x0C], Codes(bench.Query(EvBits, 0x02)!));
        Assert.Null(bench.Query(EvBits, 0x03));
        Assert.Null(bench.Query(AbsInfo, 0));
    }

    [Fact]
    public void Touch_AnnouncesSlotsAndIsDirect()
    {
        using var bench = new InputBench(InputDeviceKind.Touch);

        Assert.Equal([0x00, 0x01, 0x2F, 0x35, 0x36, 0x39], Codes(bench.Query(EvBits, 0x03)!));
        Assert.Equal(9u, BinaryPrimitives.ReadUInt32LittleEndian(bench.Query(AbsInfo, 0x2F).AsSpan(4)));
        Assert.Equal(0xFFFFu, BinaryPrimitives.ReadUInt32LittleEndian(bench.Query(AbsInfo, 0x39).AsSpan(4)));
        Assert.Equal([0x02], bench.Query(PropBits, 0));
    }

    [Theory]
    [InlineData(0x00, 0)]
    [InlineData(0x01, 1)]
    [InlineData(0x03, 7)]
    [InlineData(0x04, 0)]
    [InlineData(0x11, 0x1F)]
    [InlineData(0x12, 2)]
    [InlineData(0xFF, 0xFF)]
    public void Query_Unknown_HasSizeZeroAndNoBytes(int select, int subsel)
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Query(IdName, 0);

        Assert.Null(bench.Query(select, subsel));
        Assert.All(bench.ConfigBytes()[8..], value => Assert.Equal(0, value));
    }

    private static bool Has(byte[] bitmap, int code) => code / 8 < bitmap.Length && (bitmap[code / 8] & (1 << (code % 8))) != 0;

    private static int[] Codes(byte[] bitmap) => [.. Enumerable.Range(0, bitmap.Length * 8).Where(code => Has(bitmap, code))];
}
