using System.Globalization;
using SplitVmm.Diagnosis;
using SplitVmm.Platform.Text;

namespace SplitVmm.GpuProcess.Options;

/// <summary>Reads <c>--gpu key=value,…</c>. Unknown keys are refused with the nearest known one.</summary>
public static class GpuOptionsParser
{
    private const uint LargestSide = 16_384;

    private static readonly Dictionary<string, Func<GpuOptions, string, GpuOptions?>> s_keys = new(StringComparer.Ordinal)
    {
        ["virgl"] = (options, value) => Switch(value) is { } on ? options with { Virgl = on } : null,
        ["blob"] = (options, value) => Switch(value) is { } on ? options with { Blob = on } : null,
        ["hostmem"] = (options, value) => WindowSize(value) is { } bytes ? options with { Hostmem = bytes } : null,
        ["context-types"] = (options, value) => GpuOptionsRules.ParseTypes(value) is { } types ? options with { ContextTypes = types } : null,
        ["venus"] = (options, value) => Switch(value) is { } on ? options with { Venus = on } : null,
        ["drm_native_context"] = (options, value) => Switch(value) is { } on ? options with { DrmNativeContext = on } : null,
        ["native"] = (options, value) => Provider(value) is { } provider ? options with { Native = provider } : null,
        ["dmabuf"] = (options, value) => Switch(value) is { } on ? options with { DmaBuf = on } : null,
        ["edid"] = (options, value) => Switch(value) is { } on ? options with { Edid = on } : null,
        ["max_outputs"] = (options, value) => Number(value, 1, 16) is { } count ? options with { MaxOutputs = (int)count } : null,
        ["xres"] = (options, value) => Number(value, 1, LargestSide) is { } width ? options with { Xres = (uint)width } : null,
        ["yres"] = (options, value) => Number(value, 1, LargestSide) is { } height ? options with { Yres = (uint)height } : null,
        ["max_hostmem"] = (options, value) => Size(value, 1 << 20, 64L << 30) is { } bytes ? options with { MaxHostmem = bytes } : null,
        ["max_gpumem"] = (options, value) => Size(value, 1 << 20, 1L << 40) is { } bytes ? options with { MaxGpumem = bytes } : null,
        ["max_replay"] = (options, value) => Size(value, 64 << 10, 256 << 20) is { } bytes ? options with { MaxReplay = bytes } : null,
        ["drm_node"] = (options, value) => DrmNodeName.IsRight(value) ? options with { DrmNode = value } : null,
        ["poll_us"] = (options, value) => Number(value, 0, 1000) is { } time ? options with { PollMicroseconds = (int)time } : null,
    };

    private static readonly Dictionary<string, string> s_expected = new(StringComparer.Ordinal)
    {
        ["virgl"] = "on or off",
        ["blob"] = "on or off",
        ["hostmem"] = "a power of two from 1M to 128G, for example 256M or 4G",
        ["context-types"] = "names with colons between, of virgl, virgl2, venus and drm, each once",
        ["venus"] = "on or off",
        ["drm_native_context"] = "on or off",
        ["native"] = "builtin or virglrenderer",
        ["dmabuf"] = "on or off",
        ["edid"] = "on or off",
        ["max_outputs"] = "1 to 16",
        ["xres"] = "pixels, 1 to 16384",
        ["yres"] = "pixels, 1 to 16384",
        ["max_hostmem"] = "a size from 1M to 64G, for example 256M",
        ["max_gpumem"] = "a size from 1M to 1024G, for example 4G",
        ["max_replay"] = "a size from 64K to 256M, for example 4M",
        ["drm_node"] = DrmNodeName.Takes,
        ["poll_us"] = "microseconds, 0 to 1000",
    };

    /// <summary>The keys, for messages and help.</summary>
    public static IEnumerable<string> Keys => s_keys.Keys;

    /// <param name="text">Pairs separated by commas; may be empty.</param>
    /// <param name="error">One line that names the key, if the result is null.</param>
    public static GpuOptions? Parse(string text, out string? error)
    {
        var options = new GpuOptions();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string pair in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? pair : pair[..equals];
            if (!s_keys.TryGetValue(key, out Func<GpuOptions, string, GpuOptions?>? apply))
            {
                error = $"--gpu {key}: no such key; {Nearest.Suggest(key, s_keys.Keys)}";
                return null;
            }

            if (equals < 0)
            {
                error = $"--gpu {key}: a value is missing, {key}={s_expected[key]}";
                return null;
            }

            if (!seen.Add(key))
            {
                error = $"--gpu {key}: given twice";
                return null;
            }

            if (apply(options, pair[(equals + 1)..]) is not { } changed)
            {
                error = $"--gpu {pair}: {key} is {s_expected[key]}";
                return null;
            }

            options = changed;
        }

        error = GpuOptionsRules.Check(options, seen.Contains("virgl"), seen.Contains("native"));
        return error is null ? options : null;
    }

    private static bool? Switch(string value) => value switch
    {
        "on" or "true" => true,
        "off" or "false" => false,
        _ => null,
    };

    private static NativeProvider? Provider(string value) => value switch
    {
        "builtin" => NativeProvider.Builtin,
        "virglrenderer" => NativeProvider.Virglrenderer,
        _ => null,
    };

    private static ulong? Number(string value, ulong least, ulong most) =>
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number >= least && number <= most
            ? number
            : null;

    private static ulong? WindowSize(string value) =>
        Size(value, 1 << 20, 128L << 30) is { } bytes && ulong.IsPow2(bytes) ? bytes : null;

    /// <summary>Bytes, with K, M or G for powers of 1024.</summary>
    private static ulong? Size(string value, long least, long most)
    {
        int shift = value.Length == 0 ? 0 : char.ToUpperInvariant(value[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            _ => 0,
        };
        ulong? number = Number(shift == 0 ? value : value[..^1], 1, 1UL << 36);
        ulong? bytes = number << shift;
        return bytes >= (ulong)least && bytes <= (ulong)most ? bytes : null;
    }
}
