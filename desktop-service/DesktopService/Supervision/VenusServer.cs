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

    /// <summary>virglrenderer's own variable: the program of whoever has another one.</summary>
    private const string ProgramVariable = "RENDER_SERVER_EXEC_PATH";

    /// <summary>Vulkan-Loader's: manifests, or folders of them, that take the place of those above.</summary>
    private const string DriverVariable = "VK_DRIVER_FILES";

    /// <summary>Where the program may be, the first that exists being taken.</summary>
    /// <param name="variable">Reads an environment variable; null: not set or empty.</param>
    public static IReadOnlyList<string> ProgramsFor(Func<string, string?> variable) => variable(ProgramVariable) is { } chosen ? [chosen] : Programs;

    /// <summary>The folders and single manifests that the loader looks at.</summary>
    /// <param name="variable">Reads an environment variable; null: not set or empty.</param>
    public static IReadOnlyList<string> ManifestsFor(Func<string, string?> variable) =>
        variable(DriverVariable) is { } chosen ? chosen.Split(':', StringSplitOptions.RemoveEmptyEntries) : ManifestFolders;

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
        string program = ProgramsFor(Variable).FirstOrDefault(path => File.Exists(runtime + path)) ?? throw new HostUnfitException(
            $"--gpu venus=on needs virgl_render_server, which {where} has not: install the package virgl-server, or leave Venus away");
        IReadOnlyList<string> places = ManifestsFor(Variable);
        return places.SelectMany(place => FilesOf(runtime + place)).Any(file => DriverOf(file) is not null)
            ? program
            : throw new HostUnfitException(
                $"--gpu venus=on needs a Vulkan driver, and {where} has none in {places[^1]}: install the package mesa-vulkan-drivers, or leave Venus away");
    }

    /// <summary>Null, or one line that says what guests will lack.</summary>
    public static string? Warning() =>
        File.Exists("/dev/udmabuf") || (Directory.Exists("/dev/dri") && Directory.EnumerateFiles("/dev/dri", "renderD*").Any())
            ? null
            : "Venus has neither a GPU nor /dev/udmabuf here: guests find Vulkan, but no memory of it that they can map; modprobe udmabuf";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static IEnumerable<string> FilesOf(string place) =>
        Directory.Exists(place) ? Directory.EnumerateFiles(place) : File.Exists(place) ? [place] : [];
}
