using System.Globalization;
using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>The outer cage in the words of <c>bwrap(1)</c>.</summary>
internal sealed record BubblewrapArguments
{
    /// <summary>Where the program itself stands inside.</summary>
    private const string ProgramFolder = "/run/splitvmm";

    /// <summary>Of every dynamic program (System V ABI, AMD64 supplement): the kernel executes it first.</summary>
    private const string Interpreter = "/lib64/ld-linux-x86-64.so.2";

    private const string RenderNodes = "/dev/dri/";

    public required Policy Policy { get; init; }

    /// <summary>The executable on the host.</summary>
    public required string Program { get; init; }

    /// <summary>What the executable becomes, by its path inside; null: it stays what it is.</summary>
    public string? ForeignProgram { get; init; }

    /// <summary>What this run adds to the policy's files.</summary>
    public IReadOnlyList<FileGrant> Files { get; init; } = [];

    /// <summary>A root file system with the renderer and its libraries; null: parts of the host's.</summary>
    public string? Runtime { get; init; }

    /// <summary>Where relative paths on the command line begin; null: nowhere.</summary>
    public string? WorkingFolder { get; init; }

    /// <summary>The process makes machine code in this run, whatever its policy says.</summary>
    public bool CompilesCode { get; init; }

    /// <summary>Leaves the network where it is, for an X server that is reached by it.</summary>
    public bool KeepsNetwork { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Where the process finds its own executable.</summary>
    public string InnerProgram => $"{ProgramFolder}/{Path.GetFileName(Program)}";

    /// <summary>All files that the process sees, by its own names: for Landlock, which draws the same line again.</summary>
    public IReadOnlyList<FileGrant> VisibleFiles =>
    [
        // Whoever may execute at all, executes no more than itself.
        .. (Runtime is null ? Policy.ReadOnly : ["/"]).Select(path => new FileGrant(path, ForeignProgram is null ? FileUse.Read : FileUse.Look)),
        .. ForeignProgram is null ? Array.Empty<FileGrant>() : [new FileGrant(ForeignProgram, FileUse.Read), new FileGrant(Interpreter, FileUse.Read)],
        new FileGrant(InnerProgram, FileUse.Read),
        new FileGrant("/dev/null", FileUse.Device),
        new FileGrant("/dev/urandom", FileUse.Read),
        .. Policy.Devices.Select(path => new FileGrant(path, FileUse.Device)),
        .. Files,
        // Whoever has nodes of DRM looks for them by listing this folder.
        .. Files.Any(file => file.Path.StartsWith(RenderNodes, StringComparison.Ordinal)) ? [new FileGrant(RenderNodes, FileUse.Look)] : Array.Empty<FileGrant>(),
    ];

    /// <param name="informationFd">Where bubblewrap says the number of the process that it made.</param>
    public IReadOnlyList<string> Build(int informationFd)
    {
        List<string> words =
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
            "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--hostname", "splitvmm",
            // The process is the first of its PID namespace: the number that bubblewrap tells is its own, so that it
            // can be signalled and watched, and nothing of it can outlive it.
            "--as-pid-1", "--die-with-parent", "--new-session", "--clearenv",
            "--info-fd", informationFd.ToString(CultureInfo.InvariantCulture),
        ];
        if (!KeepsNetwork)
        {
            words.Add("--unshare-net");
        }

        AddEnvironment(words);
        AddRoot(words);
        words.AddRange(["--dev", "/dev"]);
        foreach (string device in Policy.Devices)
        {
            words.AddRange(["--dev-bind-try", device, device]);
        }

        foreach (FileGrant file in Files)
        {
            string how = file.Use switch { FileUse.Read => "--ro-bind-try", FileUse.Write => "--bind-try", _ => "--dev-bind-try" };
            words.AddRange([how, file.Path, file.Path]);
        }

        words.AddRange(["--ro-bind", Program, InnerProgram]);
        if (Runtime is null)
        {
            if (ForeignProgram is not null)
            {
                words.AddRange(["--ro-bind", ForeignProgram, ForeignProgram]);
            }

            words.AddRange(["--dir", WorkingFolder ?? "/", "--remount-ro", "/"]);
        }

        words.AddRange(["--chdir", Runtime is null ? WorkingFolder ?? "/" : "/", "--", InnerProgram]);
        return words;
    }

    private void AddEnvironment(List<string> words)
    {
        foreach (string name in Policy.PassedVariables)
        {
            if (Variable(name) is { } value)
            {
                words.AddRange(["--setenv", name, value]);
            }
        }

        foreach ((string name, string value) in Policy.SetVariables)
        {
            words.AddRange(["--setenv", name, value]);
        }
    }

    private void AddRoot(List<string> words)
    {
        if (Runtime is not null)
        {
            words.AddRange(["--ro-bind", Runtime, "/", "--tmpfs", "/run"]);
            return;
        }

        foreach (string path in Policy.ReadOnly)
        {
            words.AddRange(["--ro-bind-try", path, path]);
        }
    }
}
