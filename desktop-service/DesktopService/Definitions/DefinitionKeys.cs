using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Text;
using SplitVmm.Platform.Text;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>All keys of a definition.</summary>
internal static class DefinitionKeys
{
    private const double LongestTime = 1e6;
    private const int LongestTitle = 80;

    private static readonly DefinitionKey[] s_machine =
    [
        new("kernel", "the path of a file", "must be there", "Linux kernel: `vmlinux` or `bzImage`", (value, draft) =>
            Set(draft, draft.PathOf(value.Text), (settings, path) => settings with { Kernel = path }))
        { MissingFile = draft => MissingFile(draft.Settings.Kernel) },
        new("initrd", "the path of a file", "none", "initial RAM disk", (value, draft) =>
            Set(draft, draft.PathOf(value.Text), (settings, path) => settings with { Initrd = path }))
        { MissingFile = draft => MissingFile(draft.Settings.Initrd) },
        new("append", "a text", "empty", "kernel command line", (value, draft) =>
            Set(draft, value.Text, (settings, text) => settings with { Append = text })),
        new("title", $"a text of 1 to {LongestTitle} characters", "the name", "what people read: window, launchers, notifications", (value, draft) =>
        {
            draft.Title = value.Text is { Length: > 0 and <= LongestTitle } text ? OneLine.Clean(text) : null;
            return draft.Title is not null;
        }),
        new("memory", "a size such as \"512M\" or \"2G\", or a whole number of MiB, from 16", "2G", "guest memory", (value, draft) =>
            Set(draft, Memory(value), (settings, size) => settings with { Memory = size })),
        new("cpus", $"a whole number from 1 to {RunCommand.MostCpus}", "1", "virtual CPUs", (value, draft) =>
            Set(draft, value.WholeBetween(1, RunCommand.MostCpus), (settings, count) => settings with { Cpus = (int)count })),
        new("serial", "\"none\", \"stdio\" or \"file:PATH\"", "stdio; none for a machine that a desktop starts", "where the serial console goes", (value, draft) =>
            Set(draft, Serial(value, draft), (settings, serial) => settings with { Serial = serial })),
        new("vhost-user", "a list of texts such as [\"type=blk,path=/run/disk.sock\"]", "none", "further devices by vhost-user", (value, draft) =>
            Set(draft, value.Texts, (settings, devices) => settings with { VhostUser = devices })),
        new("sandbox", "true or false", "true", "false: no cage around any process, for debugging only", (value, draft) =>
            Set(draft, value.Switch, (settings, on) => settings with { Sandbox = on ? SandboxChoice.On : SandboxChoice.Off })),
        new("grace", "seconds from 0 to 1000000", "5", "time to power off before the guest is ended by force", (value, draft) =>
            Set(draft, value.Seconds(0, LongestTime), (settings, time) => settings with { Grace = time })),
    ];

    private static readonly DefinitionKey[] s_recovery =
    [
        new("recovery.crashes", "a whole number from 0 to 1000000", "5", "deaths of a process within the window that are survived", (value, draft) =>
            (draft.Crashes = (int?)value.WholeBetween(0, 1_000_000)) is not null),
        new("recovery.window", "a whole number of seconds from 1 to 1000000", "60", "the time over which deaths are counted", (value, draft) =>
            (draft.Window = value.WholeBetween(1, 1_000_000) is { } seconds ? TimeSpan.FromSeconds(seconds) : null) is not null),
        new("recovery.max-delay", "a whole number of milliseconds from 0 to 1000000", "2000", "the most that a restart is put off", (value, draft) =>
            (draft.LongestDelay = value.WholeBetween(0, 1_000_000) is { } time ? TimeSpan.FromMilliseconds(time) : null) is not null),
    ];

    /// <summary>In the order of the page.</summary>
    public static IReadOnlyList<DefinitionKey> All { get; } = [.. s_machine, .. GpuKeys.All, .. DisplayKeys.All, .. s_recovery];

    private static string[] Tables { get; } = [.. All.Select(key => key.Table).Where(table => table.Length > 0).Distinct()];

    public static DefinitionKey? Find(string path) => All.FirstOrDefault(key => key.Path == path);

    /// <returns>Null if there is such a table; else what is wrong, in one line.</returns>
    public static string? NameOfTable(IReadOnlyList<string> name)
    {
        string written = string.Join('.', name);
        return Tables.Contains(written) ? null : $"unknown table [{written}]; {Nearest.Suggest(written, Tables)}";
    }

    /// <summary>What is wrong with a key that is not known, in one line.</summary>
    public static string Unknown(string path)
    {
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        string table = dot < 0 ? "" : path[..dot];
        if (dot >= 0 && NameOfTable([table]) is { } wrong)
        {
            return wrong;
        }

        if (Tables.Contains(path))
        {
            return $"{path} is a table: write [{path}] on a line of its own, and its keys below";
        }

        string name = path[(dot + 1)..];
        string[] known = [.. All.Where(key => key.Table == table).Select(key => key.Name)];
        // A key of a table that was written before the table, or the other way round.
        string? elsewhere = All.FirstOrDefault(key => key.Name == name)?.Path;
        string remedy = elsewhere is not null ? $"did you mean {elsewhere}?" : Nearest.Suggest(name, known);
        return $"unknown key {path}; {remedy}";
    }

    /// <summary>What is wrong with a file that a definition needs, in words after the key; null: nothing.</summary>
    private static string? MissingFile(string? path) => path is null || File.Exists(path) ? null : $"there is no file {path}";

    private static bool Set<T>(DefinitionDraft draft, T? value, Func<MachineSettings, T, MachineSettings> change)
        where T : class
    {
        if (value is not null)
        {
            draft.Settings = change(draft.Settings, value);
        }

        return value is not null;
    }

    private static bool Set<T>(DefinitionDraft draft, T? value, Func<MachineSettings, T, MachineSettings> change)
        where T : struct
    {
        if (value is { } given)
        {
            draft.Settings = change(draft.Settings, given);
        }

        return value is not null;
    }

    private static MemorySize? Memory(DefinitionValue value)
    {
        string? text = value.Text ?? value.Whole?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return text is not null && MemorySize.TryParse(text, out MemorySize size, out _) ? size : null;
    }

    private static SerialChoice? Serial(DefinitionValue value, DefinitionDraft draft)
    {
        if (value.Text is not { } text || !SerialChoice.TryParse(text, out SerialChoice serial, out _))
        {
            return null;
        }

        return serial.File is { } file ? SerialChoice.ToFile(draft.PathOf(file)!) : serial;
    }
}
