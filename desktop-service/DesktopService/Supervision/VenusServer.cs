namespace SplitVmm.DesktopService.Supervision;

/// <summary>The program <c>virgl_render_server</c> and the Vulkan drivers that it loads: whether they are asked for, and where they are.</summary>
internal static class VenusServer
{
    /// <summary>Its exit status whenever its connection ends, which is how it is told to.</summary>
    public const int ConnectionEnded = 255;

    /// <summary>Where distributions put the program.</summary>
    public static IReadOnlyList<string> Programs { get; } =
    [
        "/usr/libexec/virgl_render_server", "/usr/lib/virgl_render_server", "/usr/local/libexec/virgl_render_server",
        "/usr/lib/x86_64-linux-gnu/virgl_render_server",
    ];

    /// <summary>Where drivers announce themselves (Vulkan-Loader, "Driver Discovery on Linux"), less the folders of a user.</summary>
    public static IReadOnlyList<string> ManifestFolders { get; } =
        ["/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"];

    /// <summary>Whether <c>--gpu</c> asks for Venus. What else it says, and whether it contradicts itself, gpu-process judges.</summary>
    public static bool IsAskedFor(string? gpu) => (gpu ?? "").Split(',', StringSplitOptions.TrimEntries).Any(pair => pair.Split('=', 2) switch
    {
        ["venus", "on" or "true"] => true,
        ["context-types", var types] => types.Split(':').Contains("venus"),
        _ => false,
    });

    /// <summary>radeon_icd.x86_64.json, radeon_icd.json: radeon. Null: no driver, or one for guests.</summary>
    public static string? DriverOf(string manifest)
    {
        string name = Path.GetFileName(manifest).Split("_icd")[0].Split('.')[0];
        return manifest.EndsWith(".json", StringComparison.Ordinal) && name is not ("virtio" or "gfxstream_vk" or "gfxstream") ? name : null;
    }

    /// <summary>The program's path, in the root file system that it will see.</summary>
    /// <param name="runtime">That root; null: the host's.</param>
    /// <exception cref="HostUnfitException">The program is missing, or it would find no driver.</exception>
    public static string Require(string? runtime)
    {
        string where = runtime is null ? "this host" : runtime;
        string program = Programs.FirstOrDefault(path => File.Exists(runtime + path)) ?? throw new HostUnfitException(
            $"--gpu venus=on needs virgl_render_server, which {where} has not: install the package virgl-server, or leave Venus away");
        return ManifestFolders.Select(folder => runtime + folder).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Any(file => DriverOf(file) is not null)
            ? program
            : throw new HostUnfitException(
                $"--gpu venus=on needs a Vulkan driver, and {where} has none in {ManifestFolders[^1]}: install the package mesa-vulkan-drivers, or leave Venus away");
    }

    /// <summary>Null, or one line that says what guests will lack.</summary>
    public static string? Warning() =>
        File.Exists("/dev/udmabuf") || (Directory.Exists("/dev/dri") && Directory.EnumerateFiles("/dev/dri", "renderD*").Any())
            ? null
            : "Venus has neither a GPU nor /dev/udmabuf here: guests find Vulkan, but no memory of it that they can map; modprobe udmabuf";
}
