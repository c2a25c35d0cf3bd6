using SplitVmm.Platform.Text;
using SplitVmm.Sandbox;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace SplitVmm.DesktopService.Sandboxing.Policies;

/// <summary>Reads a policy: TOML, of which nothing is ignored (packaging/sandbox/README.md).</summary>
internal static class PolicyFile
{
    private const string FilesTable = "files";
    private const string EnvironmentTable = "environment";
    private const string SetTable = "environment.set";
    private const string LimitsTable = "limits";
    private const string AllowTable = "allow";
    private const string RefuseTable = "refuse";
    private const string KillTable = "kill";

    /// <summary>Whether a table may stand there several times.</summary>
    private static readonly Dictionary<string, bool> s_tables = new()
    {
        [FilesTable] = false,
        [EnvironmentTable] = false,
        [SetTable] = false,
        [LimitsTable] = false,
        [AllowTable] = true,
        [RefuseTable] = true,
        [KillTable] = true,
    };

    private static readonly Dictionary<string, int> s_limits = new()
    {
        ["open-files"] = ResourceLimit.RLIMIT_NOFILE,
        ["threads"] = ResourceLimit.RLIMIT_NPROC,
        ["core-bytes"] = ResourceLimit.RLIMIT_CORE,
        ["file-bytes"] = ResourceLimit.RLIMIT_FSIZE,
        ["locked-bytes"] = ResourceLimit.RLIMIT_MEMLOCK,
        ["message-queue-bytes"] = ResourceLimit.RLIMIT_MSGQUEUE,
    };

    private static readonly Dictionary<string, int> s_errors = new()
    {
        ["EPERM"] = 1,
        ["ENOENT"] = 2,
        ["EACCES"] = 13,
        ["EINVAL"] = 22,
        ["ENOSYS"] = 38,
    };

    /// <exception cref="PolicyException">It is missing or wrong.</exception>
    public static Policy Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new PolicyException(path, 0, "the sandbox's policy is missing or not readable: install it beside the programs, or debug with --sandbox=off");
        }
    }

    /// <param name="file">For messages.</param>
    /// <exception cref="PolicyException">The text is wrong.</exception>
    public static Policy Parse(string text, string file)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, file, validate: true);
        if (document.HasErrors)
        {
            DiagnosticMessage first = document.Diagnostics.First();
            throw new PolicyException(file, first.Span.Start.Line + 1, first.Message);
        }

        var root = new PolicyTable(file, 1, "the policy", document.KeyValues, "program", "executable-memory");
        var policy = new Policy
        {
            Program = root.RequireText("program"),
            RefuseExecutableMemory = root.RequireText("executable-memory") switch
            {
                "refuse" => true,
                "allow" => false,
                _ => throw root.Fault(root.LineOfKey("executable-memory"), "'executable-memory' is either \"refuse\" or \"allow\""),
            },
        };
        var groups = new List<CallGroup>();
        var seen = new HashSet<string>();
        foreach (TableSyntaxBase table in document.Tables)
        {
            string name = table.Name!.ToString().Trim();
            int line = table.Span.Start.Line + 1;
            bool repeats = table is TableArraySyntax;
            if (!s_tables.TryGetValue(name, out bool mayRepeat))
            {
                throw new PolicyException(file, line, $"unknown table '{name}'; {Nearest.Suggest(name, s_tables.Keys)}");
            }

            if (repeats != mayRepeat || (!repeats && !seen.Add(name)))
            {
                throw new PolicyException(file, line, mayRepeat ? $"a group of calls is written [[{name}]]" : $"[{name}] stands there once");
            }

            policy = name switch
            {
                FilesTable => AddFiles(policy, new PolicyTable(file, line, name, table.Items, "read-only", "devices")),
                EnvironmentTable => policy with { PassedVariables = new PolicyTable(file, line, name, table.Items, "pass").Texts("pass") },
                SetTable => AddVariables(policy, new PolicyTable(file, line, name, table.Items)),
                LimitsTable => AddLimits(policy, new PolicyTable(file, line, name, table.Items, [.. s_limits.Keys])),
                _ => AddGroup(policy, groups, new PolicyTable(file, line, name, table.Items, "why", "calls", "errno", "from", "with", "without")),
            };
        }

        return policy with { Groups = groups };
    }

    private static Policy AddFiles(Policy policy, PolicyTable table)
    {
        foreach (string key in table.Keys)
        {
            foreach ((string path, int line) in table.FindList(key))
            {
                if (!Path.IsPathRooted(path) || path.Split('/').Contains(".."))
                {
                    throw table.Fault(line, $"'{path}' is not an absolute path");
                }
            }
        }

        return policy with { ReadOnly = table.Texts("read-only"), Devices = table.Texts("devices") };
    }

    private static Policy AddVariables(Policy policy, PolicyTable table) =>
        policy with { SetVariables = [.. table.Keys.Select(key => KeyValuePair.Create(key, table.RequireText(key)))] };

    private static Policy AddLimits(Policy policy, PolicyTable table) =>
        policy with { Limits = [.. table.Keys.Select(key => new ResourceLimit(s_limits[key], table.RequireNumber(key)))] };

    private static Policy AddGroup(Policy policy, List<CallGroup> groups, PolicyTable table)
    {
        CallGroupKind kind = table.Name switch
        {
            AllowTable => CallGroupKind.Allow,
            RefuseTable => CallGroupKind.Refuse,
            _ => CallGroupKind.Kill,
        };
        bool fromStart = table.FindText("from") switch
        {
            null => false,
            "start" when kind != CallGroupKind.Allow => true,
            _ => throw table.Fault(table.LineOfKey("from"), "'from' is \"start\", and only for calls that are refused or killed for"),
        };
        int errno = 0;
        if ((kind == CallGroupKind.Refuse) != table.Has("errno") || (table.Has("errno") && !s_errors.TryGetValue(table.RequireText("errno"), out errno)))
        {
            throw table.Fault(table.LineOfKey("errno"), $"a [[{RefuseTable}]], and only that, needs an 'errno', one of {string.Join(", ", s_errors.Keys)}");
        }

        var calls = new List<CallRule>();
        foreach ((string text, int line) in table.FindList("calls"))
        {
            calls.Add(CallRule.TryParse(text, out CallRule rule, out string error) ? rule : throw table.Fault(line, error));
        }

        if (calls.Count == 0 || table.RequireText("why").Length == 0)
        {
            throw table.Fault(table.Line, $"[[{table.Name}]] needs its calls, and a sentence that says why");
        }

        var group = new CallGroup(kind, table.RequireText("why"), fromStart, errno, calls, table.Line)
        {
            With = FindDevice(policy, table, "with"),
            Without = FindDevice(policy, table, "without"),
        };
        groups.Add(group);
        return policy;
    }

    // What a process has no use of can be no reason for what it may do.
    private static string? FindDevice(Policy policy, PolicyTable table, string key) => table.FindText(key) switch
    {
        null => null,
        { } device when policy.Devices.Contains(device) => device,
        { } other => throw table.Fault(table.LineOfKey(key), $"'{other}' is none of the 'devices' of [{FilesTable}], which stand before the groups"),
    };
}
