namespace SplitVmm.Diagnosis;

/// <summary>What the environment says of the desktop.</summary>
public static class WindowSystem
{
    /// <summary>
    /// There is a Wayland compositor and no X server. SDL 2 shows nothing there that the CPU drew: OpenGL draws the window, if need be
    /// one that runs on the CPU.
    /// </summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static bool IsWaylandOnly(Func<string, string?> variable) =>
        variable("WAYLAND_DISPLAY") is { Length: > 0 } && variable("DISPLAY") is null or "";
}
