namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Groups of the user who asks, from <c>/proc/self/status</c> and <c>/etc/group</c>.</summary>
internal static class Groups
{
    /// <summary>For the text in parentheses behind a device.</summary>
    public static string Membership(IHost host, string group)
    {
        if (Line(host, "Uid:").FirstOrDefault() == "0")
        {
            return "it is root";
        }

        string? id = IdOf(host, group);
        return id is null ? $"there is no group {group} here"
            : Line(host, "Groups:").Concat(Line(host, "Gid:")).Contains(id) ? $"in group {group}"
            : $"not in group {group}";
    }

    /// <summary>The remedy for a device that the user may not open.</summary>
    public static string Join(IHost host, string group) => IdOf(host, group) is null
        ? $"sudo groupadd --system {group} and give it the device (systemd's udev rules do), sudo usermod -aG {group} $USER, then log in again"
        : $"sudo usermod -aG {group} $USER, then log in again";

    private static string? IdOf(IHost host, string group) => (host.ReadText("/etc/group") ?? "").Split('\n')
        .Select(line => line.Split(':'))
        .FirstOrDefault(parts => parts.Length >= 3 && parts[0] == group)?[2];

    private static string[] Line(IHost host, string name) => (host.ReadText("/proc/self/status") ?? "").Split('\n')
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..]
        .Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [];
}
