using SplitVmm.DesktopService.Supervision;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>What Venus needs besides virglrenderer: its server, and a Vulkan driver for that.</summary>
internal static class VulkanFiles
{
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
        string? server = VenusServer.ProgramsFor(evidence.Host.Variable).Select(evidence.InGpuRoot).FirstOrDefault(evidence.Host.Exists);
        return server is not null
            ? Finding.Works(Id, "Venus server", server)
            : Finding.Missing(Id, "Venus server", "virgl_render_server is not installed", "install the package virgl-server");
    }

    /// <summary>A driver for hardware, not only lavapipe. Whether that hardware is there, only Vulkan can say.</summary>
    public static bool HasHardwareDriver(Evidence evidence) => Drivers(evidence).Except(s_software).Any();

    private static string[] Drivers(Evidence evidence) =>
    [
        .. VenusServer.ManifestsFor(evidence.Host.Variable)
            .Select(evidence.InGpuRoot)
            .SelectMany(place => evidence.Host.List(place) is { Count: > 0 } files ? files : evidence.Host.Exists(place) ? [place] : [])
            .Select(VenusServer.DriverOf)
            .OfType<string>()
            .Distinct(),
    ];
}
