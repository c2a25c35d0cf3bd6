using System.Globalization;
using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>
/// The table <c>[gpu]</c>: whether there is a GPU, and the keys of <c>--gpu</c>, which gpu-process reads. A test holds
/// these and what gpu-process takes together; which of them contradict each other it says when it starts.
/// </summary>
internal static class GpuKeys
{
    private const string SwitchTakes = "true or false";

    /// <summary>Keys of <c>--gpu</c>.</summary>
    public static readonly IReadOnlyList<DefinitionKey> Options =
    [
        Switch("virgl", "on", "OpenGL by virgl; off: 2D only, and no graphics library is loaded"),
        Switch("blob", "off", "blob resources"),
        Size("hostmem", "a power of two from \"1M\" to \"128G\"", "none", "the window that blobs are mapped into; needs `blob`", 1 << 20, 128L << 30, powerOfTwo: true),
        Text("context-types", "names with colons between, such as \"virgl2:venus\"", "by the switches", "kinds of contexts: virgl, virgl2, venus, drm", IsContextTypes),
        Switch("venus", "off", "Vulkan by Venus"),
        Switch("drm_native_context", "off", "native contexts"),
        Text("native", "\"builtin\" or \"virglrenderer\"", "builtin", "who serves native contexts", text => text is "builtin" or "virglrenderer"),
        Switch("dmabuf", "on", "pictures go to the display without a copy, where possible"),
        Switch("edid", "on", "monitors have an EDID"),
        Whole("max_outputs", 1, 16, "1", "outputs"),
        Whole("xres", 1, 16384, "1280", "width of the first monitor until the display says its own"),
        Whole("yres", 1, 16384, "800", "its height"),
        Size("max_hostmem", "a size from \"1M\" to \"64G\"", "256M", "memory that all 2D resources together may take", 1 << 20, 64L << 30),
        Size("max_gpumem", "a size from \"1M\" to \"1024G\"", "4G", "memory of the GPU that native contexts may take", 1 << 20, 1L << 40),
        Size("max_replay", "a size from \"64K\" to \"256M\"", "4M", "journal that the state of one context may take", 64 << 10, 256 << 20),
        Text("drm_node", "an absolute path such as \"/dev/dri/renderD128\", or a PCI address such as \"0000:03:00.0\"", "chosen", "render node", DrmNodeName.IsRight),
        Whole("poll_us", 0, 1000, "50", "the most microseconds to look for further requests before sleeping"),
    ];

    public static readonly IReadOnlyList<DefinitionKey> All =
    [
        new("gpu.enabled", SwitchTakes, "true", "false: a guest without a GPU, and without a picture", (value, draft) =>
        {
            draft.HasGpu = value.Switch ?? true;
            return value.Switch is not null;
        }),
        new("gpu.runtime", "the path of a folder", "the host's libraries", "root file system with virglrenderer and Mesa", (value, draft) =>
        {
            draft.Settings = draft.Settings with { GpuRuntime = draft.PathOf(value.Text) };
            return draft.Settings.GpuRuntime is not null;
        })
        {
            MissingFile = draft => draft.Settings.GpuRuntime is not { } folder || Directory.Exists(Path.Combine(folder, "usr"))
                ? null
                : $"there is no root file system in {folder}; packaging/image gpu-runtime-trixie makes one, in its folder root",
        },
        new("gpu.hang-timeout", "seconds from 0.2 to 1000000", "10, with software GL 60", "a gpu-process without a sign of life for this long is restarted", (value, draft) =>
        {
            draft.Settings = draft.Settings with { GpuHangTimeout = value.Seconds(0.2, 1e6) };
            return draft.Settings.GpuHangTimeout is not null;
        }),
        .. Options,
    ];

    private static DefinitionKey Switch(string name, string initial, string meaning) => new(
        "gpu." + name, SwitchTakes, initial == "on" ? "true" : "false", meaning, (value, draft) =>
            Add(draft, name, value.Switch is { } on ? on ? "on" : "off" : null));

    private static DefinitionKey Whole(string name, long least, long most, string initial, string meaning) => new(
        "gpu." + name, FormattableString.Invariant($"a whole number from {least} to {most}"), initial, meaning, (value, draft) =>
            Add(draft, name, value.WholeBetween(least, most)?.ToString(CultureInfo.InvariantCulture)));

    private static DefinitionKey Text(string name, string takes, string initial, string meaning, Func<string, bool> isRight) => new(
        "gpu." + name, takes, initial, meaning, (value, draft) =>
            // A comma would begin the next option of gpu-process.
            Add(draft, name, value.Text is { } text && isRight(text) && !text.Contains(',', StringComparison.Ordinal) ? text : null));

    private static DefinitionKey Size(
        string name, string takes, string initial, string meaning, long least, long most, bool powerOfTwo = false) => new(
        "gpu." + name, takes, initial, meaning, (value, draft) =>
            Add(draft, name, value.Text is { } text && Bytes(text) is { } bytes && bytes >= least && bytes <= most
                && (!powerOfTwo || long.IsPow2(bytes)) ? text : null));

    private static bool Add(DefinitionDraft draft, string name, string? value)
    {
        if (value is not null)
        {
            draft.Gpu.Add($"{name}={value}");
        }

        return value is not null;
    }

    private static bool IsContextTypes(string text)
    {
        string[] names = text.Split(':');
        return names.All(name => name is "virgl" or "virgl2" or "venus" or "drm") && names.Distinct().Count() == names.Length;
    }

    private static long? Bytes(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            _ => 0,
        };
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count is > 0 and <= 1L << 36 && count <= long.MaxValue >> shift
            ? count << shift
            : null;
    }
}
