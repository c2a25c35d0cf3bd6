namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>What Venus needs besides virglrenderer: its server, and a Vulkan driver for that.</summary>
internal static class VulkanFiles
{
    // The loader's folders (Vulkan-Loader, "Driver Discovery on Linux"), less those of a user.
    private static readonly string[] s_manifests = ["/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"];

    // Where distributions put it.
    private static readonly string[] s_servers =
        ["/usr/libexec/virgl_render_server", "/usr/lib/virgl_render_server", "/usr/local/libexec/virgl_render_server", "/usr/lib/x86_64-linux-gnu/virgl_render_server"];

    private static readonly string[] s_software = ["lvp"];

    public static Finding Driver(Evidence evidence)
    {
        const string Id = "vulkan-driver";
        string[] drivers = Drivers(evidence);
        return drivers.Length > 0
            ? Finding.Works(Id, "Vulkan drivers", string.Join(", ", drivers))
            : Finding.Missing(Id, "Vulkan drivers", "none is installed", "install the package mesa-vulkan-drivers");
    }

    public static Finding Server(Evidence evidence)
    {
        const string Id = "venus-server";
        string? server = s_servers.Select(evidence.InGpuRoot).FirstOrDefault(evidence.Host.Exists);
        return server is not null
            ? Finding.Works(Id, "Venus server", server)
            : Finding.Missing(Id, "Venus server", "virgl_render_server is not installed", "install the package virgl-server");
    }

    /// <summary>A driver for hardware, not only lavapipe. Whether that hardware is there, only Vulkan can say.</summary>
    public static bool HasHardwareDriver(Evidence evidence) => Drivers(evidence).Except(s_software).Any();

    // radeon_icd.x86_64.json, radeon_icd.json: radeon. Drivers for guests are not meant.
    private static string[] Drivers(Evidence evidence) =>
    [
        .. s_manifests
            .SelectMany(folder => evidence.Host.List(evidence.InGpuRoot(folder)))
            .Where(name => name.EndsWith(".json", StringComparison.Ordinal))
            .Select(name => name.Split("_icd")[0].Split('.')[0])
            .Where(name => name is not ("virtio" or "gfxstream_vk" or "gfxstream"))
            .Distinct(),
    ];
}
