using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>Reads the text of a definition; everything in it is checked, and what is not known is refused.</summary>
internal static class DefinitionReader
{
    /// <param name="name">Of the machine.</param>
    /// <param name="folder">Of the file: paths in it are relative to that.</param>
    /// <param name="text">The TOML document.</param>
    /// <param name="mistakes">All of them, in the order of the lines; empty if the result is not null.</param>
    public static MachineDefinition? Read(string name, string folder, string text, out IReadOnlyList<Mistake> mistakes)
    {
        var found = new List<Mistake>();
        var draft = new DefinitionDraft(folder);
        foreach (DefinitionValue value in DefinitionSyntax.Read(text, found))
        {
            if (Take(value, draft) is { } wrong)
            {
                found.Add(new Mistake(value.Line, wrong));
            }
        }

        if (found.Count == 0)
        {
            found.AddRange(DefinitionRules.Check(draft));
        }

        mistakes = [.. found.OrderBy(mistake => mistake.Line)];
        return found.Count == 0 ? new MachineDefinition(name, draft.Title ?? name, Settle(draft, draft.Title ?? name)) : null;
    }

    private static string? Take(DefinitionValue value, DefinitionDraft draft)
    {
        if (DefinitionKeys.Find(value.Path) is not { } key)
        {
            return DefinitionKeys.Unknown(value.Path);
        }

        if (draft.Note(value) is { } line)
        {
            return FormattableString.Invariant($"{value.Path} is given twice, first in line {line}; leave one away");
        }

        return key.Apply(value, draft) ? null : $"{value.Path} takes {key.Takes}, not {value.Shown}";
    }

    private static MachineSettings Settle(DefinitionDraft draft, string title)
    {
        DisplayBackend backend = draft.Backend ?? (draft.HasGpu ? DisplayBackend.Sdl : DisplayBackend.None);
        KeyValuePair<string, string>[] options = backend == DisplayBackend.Sdl ? [.. draft.Display, new("title", title)] : [.. draft.Display];
        RestartLimits usual = RestartLimits.Default;
        return draft.Settings with
        {
            Gpu = draft.HasGpu ? string.Join(',', draft.Gpu) : MachineSettings.NoGpu,
            Display = new DisplayChoice(backend, options),
            CrashQuota = new RestartLimits(
                draft.Crashes ?? usual.Crashes, draft.Window ?? usual.Window, draft.LongestDelay ?? usual.LongestDelay),
        };
    }
}
