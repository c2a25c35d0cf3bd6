using System.Globalization;

namespace SplitVmm.VmmCore.CommandLine;

/// <summary>Numbers of inherited descriptors; the first three are standard input, output and error.</summary>
internal static class DescriptorNumber
{
    private const int First = 3;

    public static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= First;
}
