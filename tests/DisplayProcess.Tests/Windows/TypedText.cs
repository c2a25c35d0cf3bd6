using SplitVmm.DisplayProcess.Tests.Support;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>Key codes as a guest with a US keyboard reads them.</summary>
internal static class TypedText
{
    private const ushort LeftShift = 42;
    private const ushort RightShift = 54;

    // Key codes from 2, row by row; a blank is no character.
    private const string Plain = "1234567890-=  qwertyuiop[]\n asdfghjkl;'` \\zxcvbnm,./";
    private const string Shifted = "!@#$%^&*()_+  QWERTYUIOP{}\n ASDFGHJKL:\"~ |ZXCVBNM<>?";
    private const ushort First = 2;
    private const ushort Space = 57;

    public static string Read(GuestInput guest)
    {
        var text = new System.Text.StringBuilder();
        int shifts = 0;
        foreach ((ushort code, int value) in guest.Keys)
        {
            if (code is LeftShift or RightShift)
            {
                shifts += value == 1 ? 1 : -1;
            }
            else if (value == 1)
            {
                _ = text.Append(code == Space ? ' ' : (shifts > 0 ? Shifted : Plain)[code - First]);
            }
        }

        return text.ToString();
    }
}
