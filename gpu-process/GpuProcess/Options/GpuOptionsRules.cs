namespace SplitVmm.GpuProcess.Options;

/// <summary>Which values of <c>--gpu</c> go together. One that contradicts another is refused with the reason, never ignored.</summary>
internal static class GpuOptionsRules
{
    private const ContextTypes OpenGl = ContextTypes.Virgl | ContextTypes.Virgl2;

    /// <summary>Names of context types, in the order of their capability sets.</summary>
    public static readonly (string Name, ContextTypes Type)[] Names =
    [
        ("virgl", ContextTypes.Virgl), ("virgl2", ContextTypes.Virgl2), ("venus", ContextTypes.Venus), ("drm", ContextTypes.Drm),
    ];

    /// <summary>Reads <c>virgl2:venus</c>; null if a name is unknown, empty or there twice.</summary>
    public static ContextTypes? ParseTypes(string text)
    {
        ContextTypes types = ContextTypes.None;
        foreach (string name in text.Split(':'))
        {
            ContextTypes type = Array.Find(Names, entry => entry.Name == name).Type;
            if (type == ContextTypes.None || (types & type) != 0)
            {
                return null;
            }

            types |= type;
        }

        return types;
    }

    /// <summary>Null if all is well; else one line.</summary>
    /// <param name="virglGiven">Whether <c>virgl</c> was given, and is not the default.</param>
    /// <param name="nativeGiven">The same of <c>native</c>.</param>
    public static string? Check(GpuOptions options, bool virglGiven, bool nativeGiven)
    {
        if (options.ContextTypes is { } types)
        {
            string given = $"context-types={Join(types)}";
            if (virglGiven && options.Virgl != ((types & OpenGl) != 0))
            {
                return Contradiction($"virgl={Word(options.Virgl)}", given);
            }

            if (options.Venus is { } venus && venus != types.HasFlag(ContextTypes.Venus))
            {
                return Contradiction($"venus={Word(venus)}", given);
            }

            if (options.DrmNativeContext is { } drm && drm != types.HasFlag(ContextTypes.Drm))
            {
                return Contradiction($"drm_native_context={Word(drm)}", given);
            }
        }

        if (nativeGiven && !options.Offered.HasFlag(ContextTypes.Drm))
        {
            return "--gpu native says whose DRM native contexts are: add drm_native_context=on, or leave it away";
        }

        if (options.Hostmem != 0 && !options.Blob)
        {
            return "--gpu hostmem is the size of the window that blob resources are mapped into: add blob=on, or leave it away";
        }

        foreach ((ContextTypes type, string name) in
            ((ContextTypes, string)[])[(ContextTypes.Venus, "venus"), (ContextTypes.Drm, "drm_native_context")])
        {
            if (options.Offered.HasFlag(type) && (!options.Blob || options.Hostmem == 0))
            {
                return $"--gpu {name}=on maps memory of the host into the guest: add blob=on,hostmem=SIZE, for example hostmem=256M";
            }
        }

        return null;
    }

    private static string Contradiction(string one, string other) => $"--gpu {one} and {other} contradict each other: leave one away";

    private static string Word(bool on) => on ? "on" : "off";

    private static string Join(ContextTypes types) =>
        string.Join(':', Names.Where(entry => types.HasFlag(entry.Type)).Select(entry => entry.Name));
}
