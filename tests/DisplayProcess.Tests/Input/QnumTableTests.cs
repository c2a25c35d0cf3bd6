using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Input;

/// <summary>
/// The kernel knows which code of set 1 each of its keys sends, for keyboards in raw mode (drivers/tty/vt/keyboard.c, numbers
/// only; 0x100 is the prefix E0): an oracle for QEMU's numbers, which are made of the same codes.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class QnumTableTests
{
    // For the keys 80 to 239; below 80 key and code are one.
    private static readonly int[] s_kernelFrom80 =
    [
        80, 81, 82, 83, 84, 118, 86, 87, 88, 115, 120, 119, 121, 112, 123, 92,
        284, 285, 309, 0, 312, 91, 327, 328, 329, 331, 333, 335, 336, 337, 338, 339,
        367, 288, 302, 304, 350, 89, 334, 326, 267, 126, 268, 269, 125, 347, 348, 349,
        360, 261, 262, 263, 268, 376, 100, 101, 321, 316, 373, 286, 289, 102, 351, 355,
        103, 104, 105, 275, 287, 279, 258, 106, 274, 107, 294, 364, 358, 363, 362, 361,
        291, 108, 381, 281, 290, 272, 292, 305, 280, 99, 112, 257, 306, 359, 113, 114,
        264, 117, 271, 374, 379, 265, 266, 93, 94, 95, 85, 259, 375, 260, 90, 116,
        377, 109, 111, 277, 278, 282, 283, 295, 296, 297, 299, 300, 301, 293, 303, 307,
        308, 310, 313, 314, 315, 317, 318, 319, 320, 357, 322, 323, 324, 325, 276, 330,
        332, 340, 365, 342, 343, 344, 345, 346, 356, 270, 341, 368, 369, 370, 371, 372,
    ];

    [Fact]
    public void KeyFor_EveryKeyOfSdl_IsReachedByTheKernelsCode()
    {
        int[] keys = [.. Enum.GetValues<SdlScancode>().Select(place => (int)ScancodeTable.KeyFor(place)).Where(key => key is > 0 and < 240).Distinct()];
        Assert.True(keys.Length > 130, $"only {keys.Length} keys");
        foreach (int key in keys)
        {
            int code = key < 80 ? key : s_kernelFrom80[key - 80];
            int number = key switch
            {
                // Print Screen alone has a code of two parts in the kernel; QEMU has that of Alt+SysRq. The two keys of Korean keyboards
                // have codes of their own in QEMU, as the keyboards themselves do.
                LinuxKeys.KEY_SYSRQ => 0x54,
                LinuxKeys.KEY_HANGEUL => 0x72,
                LinuxKeys.KEY_HANJA => 0x71,
                _ => (code & 0x7F) | ((code & 0x100) != 0 ? 0x80 : 0),
            };
            Assert.Equal((key, key), (key, QnumTable.KeyFor((uint)number)));
        }
    }

    [Fact]
    public void KeyFor_EveryNumber_IsAKeyOfTheKernelsTableOrNone()
    {
        for (uint number = 1; number < 256; number++)
        {
            int key = QnumTable.KeyFor(number);
            if (key >= 80 && key is not (LinuxKeys.KEY_SYSRQ or LinuxKeys.KEY_HANGEUL or LinuxKeys.KEY_HANJA))
            {
                int code = s_kernelFrom80[key - 80];
                Assert.Equal((number, key), ((uint)((code & 0x7F) | ((code & 0x100) != 0 ? 0x80 : 0)), key));
            }
        }
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(0x1Cu, 28)]
    [InlineData(0x9Cu, 96)]
    [InlineData(0x1Du, 29)]
    [InlineData(0x9Du, 97)]
    [InlineData(0xB8u, 100)]
    [InlineData(0xDBu, 125)]
    [InlineData(0xC8u, 103)]
    [InlineData(0xD3u, 111)]
    [InlineData(0xC6u, 119)]
    [InlineData(0xB7u, 99)]
    [InlineData(256u, 0)]
    [InlineData(uint.MaxValue, 0)]
    public void KeyFor_SomeThatPeoplePress(uint number, int key) => Assert.Equal(key, QnumTable.KeyFor(number));
}
