using System.Globalization;
using System.Text;

namespace SplitVmm.DesktopService.Bus;

/// <summary>Names and paths on the session bus (docs/dbus.md).</summary>
internal static class BusNames
{
    public const string Service = "org.splitvmm.SplitVmm";

    /// <summary>Of the manager and of the application: the service's name with slashes, as the Desktop Entry Specification has it.</summary>
    public const string Root = "/org/splitvmm/SplitVmm";

    public const string Manager = "org.splitvmm.Manager1";
    public const string Machine = "org.splitvmm.Machine1";
    public const string Application = "org.freedesktop.Application";
    public const string Properties = "org.freedesktop.DBus.Properties";
    public const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    private const string Machines = Root + "/machines/";

    /// <summary>The object of a machine. Paths have letters, digits and underscores only; the rest is <c>_XX</c>.</summary>
    public static string PathOf(string machine)
    {
        var path = new StringBuilder(Machines);
        foreach (char character in machine)
        {
            _ = char.IsAsciiLetterOrDigit(character)
                ? path.Append(character)
                : path.Append('_').Append(((int)character).ToString("x2", CultureInfo.InvariantCulture));
        }

        return path.ToString();
    }
}
