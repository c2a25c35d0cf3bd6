using System.CommandLine;
using System.Globalization;
using SplitVmm.Wires.Display;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>Options that several commands about machines that run have.</summary>
internal static class MachineOptions
{
    public static Option<string?> Name() => new("--name") { HelpName = "NAME", Description = "which machine; may be left out if only one runs" };

    public static Option<uint> Head() => ReadOption.Create<uint>("--head", "N", "which of its monitors, from 0", 0, TryParseHead);

    public static Option<bool> Json() => new("--json") { Description = "print JSON" };

    private static bool TryParseHead(string text, out uint head, out string error)
    {
        bool right = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out head) && head < DisplayProtocol.MaxScanouts;
        error = right ? "" : $"--head '{text}' is not a whole number from 0 to {DisplayProtocol.MaxScanouts - 1}";
        return right;
    }
}
