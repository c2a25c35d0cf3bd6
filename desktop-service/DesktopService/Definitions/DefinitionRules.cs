using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Sandboxing;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>What must be there, and which keys do not go together. One that would be ignored is refused.</summary>
internal static class DefinitionRules
{
    public static IEnumerable<Mistake> Check(DefinitionDraft draft)
    {
        if (draft.Settings.Kernel is null)
        {
            yield return new Mistake(0, "no kernel; add a line kernel = \"PATH\" before the first table");
        }

        foreach ((string path, int line) in draft.Lines)
        {
            if (DefinitionKeys.Find(path)?.MissingFile?.Invoke(draft) is { } missing)
            {
                yield return new Mistake(line, $"{path}: {missing}");
            }
            else if (Contradiction(path, draft) is { } reason)
            {
                yield return new Mistake(line, $"{path} {reason}");
            }
        }
    }

    // In words after the key; null: all is well.
    private static string? Contradiction(string path, DefinitionDraft draft)
    {
        DisplayBackend backend = draft.Backend ?? (draft.HasGpu ? DisplayBackend.Sdl : DisplayBackend.None);
        return path switch
        {
            _ when path.StartsWith("gpu.", StringComparison.Ordinal) && path != "gpu.enabled" && !draft.HasGpu =>
                "has no effect without a GPU; remove it, or gpu.enabled = false",
            "display.backend" when !draft.HasGpu && backend != DisplayBackend.None =>
                "has nothing to show without a GPU; write \"none\", or remove gpu.enabled = false",
            "display.frames" or "display.frame-interval" when backend != DisplayBackend.Headless =>
                "is for display.backend = \"headless\" only; remove it, or choose that",
            "display.renderer" or "display.touch" or "display.clipboard" when backend != DisplayBackend.Sdl =>
                "is for display.backend = \"sdl\" only; remove it, or choose that",
            "display.size" or "display.viewers" when backend == DisplayBackend.None =>
                "has no effect without a display; remove it",
            "display.frame-interval" when !draft.Lines.ContainsKey("display.frames") =>
                "needs a folder; add display.frames = \"DIR\"",
            "gpu.runtime" when draft.Settings.Sandbox == SandboxChoice.Off =>
                "is the root of a sandbox; remove it, or sandbox = false",
            "gpu.hostmem" when !draft.Gpu.Contains("blob=on") =>
                "is the window that blobs are mapped into; add blob = true",
            _ => null,
        };
    }
}
