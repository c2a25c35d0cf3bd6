using System.Globalization;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>Names of QEMU's D-Bus display on the session bus (QEMU, "D-Bus display").</summary>
internal static class ViewerNames
{
    /// <summary>The first machine on a bus has it, the others wait in the queue for it: viewers ask the bus for that.</summary>
    public const string Service = "org.qemu";

    public const string Root = "/org/qemu/Display1";
    public const string MachinePath = Root + "/VM";

    public const string Machine = "org.qemu.Display1.VM";
    public const string Console = "org.qemu.Display1.Console";
    public const string Keyboard = "org.qemu.Display1.Keyboard";
    public const string Mouse = "org.qemu.Display1.Mouse";
    public const string MultiTouch = "org.qemu.Display1.MultiTouch";

    public static string PathOfConsole(int head) => string.Create(CultureInfo.InvariantCulture, $"{Root}/Console_{head}");
}
