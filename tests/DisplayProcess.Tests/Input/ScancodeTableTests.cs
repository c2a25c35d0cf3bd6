using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Input;

/// <summary>
/// SDL numbers places by USB HID usage, so the kernel's own table for USB keyboards (drivers/hid/hid-input.c, numbers
/// only) is an oracle for the places 0 to 231.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ScancodeTableTests
{
    // Usages 0x04 to 0x65, 0x67 to 0x73 and 0xE0 to 0xE7 of page 0x07, as Linux key codes.
    private static readonly int[] s_kernelFrom4 =
    [
        30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44,
        2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53, 58,
        59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 87, 88, 99, 70, 119, 110, 102, 104, 111, 107, 109, 106, 105, 108, 103,
        69, 98, 55, 74, 78, 96, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, 86, 127, 116, 117,
        183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194, 134, 138,
    ];

    [Fact]
    public void KeyFor_PlacesOfAUsbKeyboard_AreTheKernelsKeys()
    {
        for (int i = 0; i < s_kernelFrom4.Length; i++)
        {
            Assert.Equal((4 + i, s_kernelFrom4[i]), (4 + i, ScancodeTable.KeyFor((SdlScancode)(4 + i))));
        }
    }

    [Theory]
    [InlineData(0x7F, 113)]
    [InlineData(0x80, 115)]
    [InlineData(0x81, 114)]
    [InlineData(0x85, 121)]
    [InlineData(0x87, 89)]
    [InlineData(0x88, 93)]
    [InlineData(0x89, 124)]
    [InlineData(0x8A, 92)]
    [InlineData(0x8B, 94)]
    [InlineData(0x8C, 95)]
    [InlineData(0x90, 122)]
    [InlineData(0x91, 123)]
    [InlineData(0x92, 90)]
    [InlineData(0x93, 91)]
    [InlineData(0x94, 85)]
    [InlineData(0xB6, 179)]
    [InlineData(0xB7, 180)]
    [InlineData(0xE0, 29)]
    [InlineData(0xE1, 42)]
    [InlineData(0xE2, 56)]
    [InlineData(0xE3, 125)]
    [InlineData(0xE4, 97)]
    [InlineData(0xE5, 54)]
    [InlineData(0xE6, 100)]
    [InlineData(0xE7, 126)]
    public void KeyFor_FurtherUsages_AreTheKernelsKeys(int usage, int key) =>
        Assert.Equal(key, ScancodeTable.KeyFor((SdlScancode)usage));

    [Fact]
    public void KeyFor_EveryNamedPlace_HasAKeyThatTheWireAccepts()
    {
        foreach (SdlScancode place in Enum.GetValues<SdlScancode>().Where(place => place != SdlScancode.SDL_SCANCODE_UNKNOWN))
        {
            ushort key = ScancodeTable.KeyFor(place);
            Assert.NotEqual(0, key);
            Assert.Null(SplitVmm.Wires.Input.InputValidation.Check(
                SplitVmm.Wires.Input.InputDeviceKind.Keyboard, [new(1, key, 1), new(0, 0, 0)]));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(511u)]
    [InlineData(512u)]
    [InlineData(uint.MaxValue)]
    public void KeyFor_UnknownPlaces_IsNone(uint place) => Assert.Equal(0, ScancodeTable.KeyFor((SdlScancode)place));
}
