using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>Starts the processes of one machine in their cages, each by the policy beside its program.</summary>
internal sealed class CageSet : IDisposable
{
    /// <summary>The program that enters the cage of somebody else's. It works on the same GPU, and is there anyhow.</summary>
    private static readonly string s_launcher = ProcessRole.Gpu.Name();

    private readonly string? _bubblewrap;
    private readonly RunOptions _options;

    private CageSet(RunOptions options, string? bubblewrap, IReadOnlyList<string> missing)
    {
        _options = options;
        _bubblewrap = bubblewrap;
        Missing = missing;
    }

    /// <summary>What this host lacks, each in one line with what is lost by it and the remedy.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>
    /// A private folder, for the time of the run, that display-process can write to: what the user wants to have elsewhere is moved
    /// there by this program.
    /// </summary>
    public string PictureFolder { get; } = Directory.CreateTempSubdirectory("splitvmm-pictures-").FullName;

    /// <summary>The processes are in namespaces of their own.</summary>
    public bool HasNamespaces => _bubblewrap is not null;

    /// <returns>Null: the user wants none.</returns>
    /// <exception cref="IOException">The user wants what this host cannot do. One line.</exception>
    public static CageSet? Create(RunOptions options)
    {
        if (options.Sandbox == SandboxChoice.Off)
        {
            return null;
        }

        var missing = new List<string>();
        string? bubblewrap = Bubblewrap.Find();
        if (Bubblewrap.WhyNot(bubblewrap) is { } reason)
        {
            // A user who named a root file system must not get another one without a word.
            bubblewrap = options.GpuRuntime is null ? null : throw new IOException($"--gpu-runtime cannot be used: {reason}");
            missing.Add(reason);
        }

        if (!FilterCompiler.IsAvailable)
        {
            missing.Add("libseccomp is missing: the processes may make any system call; install the package libseccomp2");
        }

        if (options.Display.Backend == DisplayBackend.Sdl && DisplaySockets.NeedsNetwork(Environment.GetEnvironmentVariable))
        {
            missing.Add("DISPLAY names an X server behind the network: display-process keeps the network; use a local display");
        }

        return new CageSet(options, bubblewrap, missing);
    }

    /// <summary>Starts a process in its cage.</summary>
    /// <param name="request">As it would be started without one.</param>
    /// <exception cref="IOException">The policy is wrong, or the process cannot be started. One line.</exception>
    public ChildProcess Start(ProcessRole role, SpawnRequest request) =>
        Start(role, request, PolicyOf(role), role.IsOurs() ? request.Path : ProgramFolder.Find(s_launcher));

    /// <summary>The same by a policy that was read already.</summary>
    /// <param name="launcher">
    /// The program that enters the cage: that of the request, or one of ours that then becomes a program of somebody else,
    /// which could not.
    /// </param>
    public ChildProcess Start(ProcessRole role, SpawnRequest request, Policy policy, string launcher)
    {
        bool draws = role is ProcessRole.Gpu or ProcessRole.Venus;
        string? runtime = draws && _options.GpuRuntime is { } folder ? Path.GetFullPath(folder) : null;
        var outer = new BubblewrapArguments
        {
            Policy = policy,
            Program = launcher,
            ForeignProgram = role.IsOurs() ? null : request.Path,
            Files = CageFiles.Of(role, _options, PictureFolder),
            Runtime = runtime,
            WorkingFolder = draws ? null : Environment.CurrentDirectory,
            // OpenGL in software compiles shaders.
            CompilesCode = role == ProcessRole.Display && _options.Display.MayDrawBySoftwareGl,
            KeepsNetwork = role == ProcessRole.Display && DisplaySockets.NeedsNetwork(Environment.GetEnvironmentVariable),
        };
        using Descriptor plan = SealedFile.Create("splitvmm-sandbox", Plan(policy, outer).ToBytes());
        int planFd = request.Inherited.Count;
        string[] arguments = [ProcessSandbox.Option, planFd.ToString(System.Globalization.CultureInfo.InvariantCulture), .. request.Arguments];
        if (_bubblewrap is null)
        {
            return PosixSpawn.Start(new SpawnRequest(launcher, arguments, [.. request.Inherited, plan]));
        }

        Pipe information = Pipe.Create();
        using Descriptor readEnd = information.ReadEnd;
        ChildProcess child;
        using (information.WriteEnd)
        {
            child = PosixSpawn.Start(new SpawnRequest(
                _bubblewrap, [.. outer.Build(planFd + 1), .. arguments], [.. request.Inherited, plan, information.WriteEnd]));
        }

        if (Bubblewrap.ReadChildPid(readEnd) is { } pid)
        {
            child.Enclose(pid);
        }

        return child;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(PictureFolder, recursive: true);
        }
        catch (IOException)
        {
            // Somebody else was faster, or put something there: a folder of temporary files is cleaned by the system.
        }
    }

    /// <summary>What a program of somebody else, which cannot report, is left with.</summary>
    public static SandboxReport Imposed(ProcessRole role) => new()
    {
        SystemCalls = FilterCompiler.IsAvailable ? (uint)PolicyOf(role).AllowedCalls.Count() : 0,
        LandlockAbi = (uint)ProcessSandbox.LandlockAbi,
    };

    /// <summary>What the process does to itself.</summary>
    internal CagePlan Plan(Policy policy, BubblewrapArguments outer) => new()
    {
        ForeignProgram = outer.ForeignProgram ?? "",
        // Outside a user namespace of its own, threads are counted with all others of the user.
        Limits = [.. policy.Limits.Where(limit => HasNamespaces || limit.Resource != ResourceLimit.RLIMIT_NPROC)],
        Files = HasNamespaces ? outer.VisibleFiles : [.. outer.VisibleFiles, new FileGrant(outer.ForeignProgram ?? outer.Program, FileUse.Read)],
        RefuseExecutableMemory = policy.RefuseExecutableMemory && !outer.CompilesCode,
        // Somebody else's program has the other one from its start.
        StartFilter = FilterCompiler.IsAvailable && outer.ForeignProgram is null ? FilterCompiler.CompileStart(policy) : [],
        ServeFilter = FilterCompiler.IsAvailable ? FilterCompiler.CompileServe(policy) : [],
        AllowedCalls = FilterCompiler.IsAvailable ? policy.AllowedCalls.Count() : 0,
    };

    private static Policy PolicyOf(ProcessRole role)
    {
        string program = ProgramFolder.Find(role.IsOurs() ? role.Name() : s_launcher);
        return PolicyFile.Load(Path.Combine(Path.GetDirectoryName(program)!, "sandbox", role.Name() + ".policy")).On(File.Exists);
    }
}
