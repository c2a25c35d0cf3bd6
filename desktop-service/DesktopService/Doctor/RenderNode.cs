namespace SplitVmm.DesktopService.Doctor;

/// <summary>A DRM device that draws without a screen.</summary>
/// <param name="Driver">Of the kernel; empty: it cannot be told.</param>
internal sealed record RenderNode(string Name, string Driver, FileAccessState Access)
{
    private const string Class = "/sys/class/drm";

    // Drivers that only hand memory around, and draw nothing.
    private static readonly string[] s_memoryOnly = ["vgem", "vkms"];

    public string Path => "/dev/dri/" + Name;

    /// <summary>There is a GPU behind it.</summary>
    public bool IsGpu => !s_memoryOnly.Contains(Driver);

    public static IReadOnlyList<RenderNode> FindAll(IHost host) =>
    [
        .. host.List("/dev/dri")
            .Where(name => name.StartsWith("renderD", StringComparison.Ordinal))
            .Select(name => new RenderNode(name, DriverOf(host, name), host.Access("/dev/dri/" + name))),
    ];

    // Devices that the kernel makes up have no driver in sysfs, but a name of their own.
    private static string DriverOf(IHost host, string name) =>
        Last(host.LinkTarget($"{Class}/{name}/device/driver")) ?? Last(host.LinkTarget($"{Class}/{name}/device")) ?? "";

    private static string? Last(string? path) => path is null ? null : System.IO.Path.GetFileName(path.TrimEnd('/'));
}
