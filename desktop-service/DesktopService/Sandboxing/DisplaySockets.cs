using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>Where the desktop is reached: the X server's socket and cookie, the Wayland compositor's socket.</summary>
internal static class DisplaySockets
{
    /// <param name="variable">Reads an environment variable.</param>
    public static IEnumerable<FileGrant> Find(Func<string, string?> variable)
    {
        if (LocalScreen(variable("DISPLAY")) is { } screen)
        {
            yield return new FileGrant("/tmp/.X11-unix/X" + screen, FileUse.Write);
            string? home = variable("HOME");
            string? cookie = variable("XAUTHORITY") ?? (home is null ? null : Path.Combine(home, ".Xauthority"));
            if (!string.IsNullOrEmpty(cookie))
            {
                yield return new FileGrant(cookie, FileUse.Read);
            }
        }

        if (variable("WAYLAND_DISPLAY") is { Length: > 0 } wayland && variable("XDG_RUNTIME_DIR") is { Length: > 0 } folder)
        {
            yield return new FileGrant(Path.Combine(folder, wayland), FileUse.Write);
        }
    }

    /// <summary>The X server is on another machine, or behind ssh: only a network reaches it.</summary>
    public static bool NeedsNetwork(Func<string, string?> variable) =>
        variable("DISPLAY") is { Length: > 0 } display && LocalScreen(display) is null && variable("WAYLAND_DISPLAY") is null or "";

    /// <summary>The number in <c>:0</c> or <c>unix:0.1</c>; null if the display is none of this machine's sockets.</summary>
    private static string? LocalScreen(string? display)
    {
        string[] parts = (display ?? "").Split(':');
        string number = parts.Length == 2 && parts[0] is "" or "unix" ? parts[1].Split('.')[0] : "";
        return number.Length > 0 && number.All(char.IsAsciiDigit) ? number : null;
    }
}
