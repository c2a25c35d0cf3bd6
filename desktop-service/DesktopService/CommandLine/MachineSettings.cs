using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>What a definition or a command line sets of a machine; null: it says nothing of that.</summary>
internal sealed record MachineSettings
{
    /// <summary>The value of <see cref="Gpu"/> for a machine without one.</summary>
    public const string NoGpu = "none";

    public string? Kernel { get; init; }

    public string? Name { get; init; }

    public string? Initrd { get; init; }

    public string? Append { get; init; }

    public MemorySize? Memory { get; init; }

    public int? Cpus { get; init; }

    /// <summary><c>key=value,…</c> or <see cref="NoGpu"/>.</summary>
    public string? Gpu { get; init; }

    public string? GpuRuntime { get; init; }

    public SandboxChoice? Sandbox { get; init; }

    public DisplayChoice? Display { get; init; }

    /// <summary>Folder for the pictures of a headless display.</summary>
    public string? Frames { get; init; }

    public SerialChoice? Serial { get; init; }

    public IReadOnlyList<string>? VhostUser { get; init; }

    public TimeSpan? Grace { get; init; }

    public TimeSpan? Timeout { get; init; }

    public RestartLimits? CrashQuota { get; init; }

    public TimeSpan? GpuHangTimeout { get; init; }

    /// <summary>These settings, and the other's where these say nothing.</summary>
    public MachineSettings Over(MachineSettings other) => new()
    {
        Kernel = Kernel ?? other.Kernel,
        Name = Name ?? other.Name,
        Initrd = Initrd ?? other.Initrd,
        Append = Append ?? other.Append,
        Memory = Memory ?? other.Memory,
        Cpus = Cpus ?? other.Cpus,
        Gpu = Gpu ?? other.Gpu,
        GpuRuntime = GpuRuntime ?? other.GpuRuntime,
        Sandbox = Sandbox ?? other.Sandbox,
        // Without a GPU the display of a definition has nothing to show.
        Display = Display ?? (Gpu == NoGpu ? null : other.Display),
        Frames = Frames ?? other.Frames,
        Serial = Serial ?? other.Serial,
        VhostUser = VhostUser ?? other.VhostUser,
        Grace = Grace ?? other.Grace,
        Timeout = Timeout ?? other.Timeout,
        CrashQuota = CrashQuota ?? other.CrashQuota,
        GpuHangTimeout = GpuHangTimeout ?? other.GpuHangTimeout,
    };

    /// <summary>Adds the defaults; false: the settings contradict each other, and <paramref name="error"/> says how.</summary>
    public bool TryComplete(bool json, out RunOptions options, out string error)
    {
        bool hasGpu = Gpu != NoGpu;
        DisplayChoice display = Display ?? new DisplayChoice(hasGpu ? DisplayBackend.Sdl : DisplayBackend.None);
        bool framesFit = Frames is null || display.TryAddFrames(Frames, out display);
        options = new RunOptions
        {
            Kernel = Kernel ?? "",
            Name = Name,
            Initrd = Initrd,
            Append = Append ?? "",
            Memory = Memory ?? MemorySize.Default,
            Cpus = Cpus ?? 1,
            Gpu = hasGpu ? Gpu ?? "" : null,
            GpuRuntime = GpuRuntime,
            Sandbox = Sandbox ?? SandboxChoice.On,
            Display = display,
            Serial = Serial ?? SerialChoice.Stdio,
            VhostUser = VhostUser ?? [],
            Json = json,
            Grace = Grace ?? TimeSpan.FromSeconds(5),
            Timeout = Timeout,
            CrashQuota = CrashQuota ?? RestartLimits.Default,
            GpuHangTimeout = GpuHangTimeout,
        };
        error = options switch
        {
            _ when string.IsNullOrEmpty(Kernel) => "no kernel given; name one with --kernel FILE, or a machine definition",
            { Gpu: null, Display.Backend: not DisplayBackend.None } =>
                "--gpu none leaves nothing to show; add --display none",
            { GpuRuntime: not null, Sandbox: SandboxChoice.Off } => "a GPU runtime is the root of a sandbox; leave out --gpu-runtime or --sandbox=off",
            { GpuRuntime: { } runtime } when !Directory.Exists(Path.Combine(runtime, "usr")) =>
                $"GPU runtime '{runtime}' is no root file system; packaging/image gpu-runtime-trixie makes one, in its folder root",
            _ when !framesFit => "frames are written by the headless display only; add --display headless",
            _ => "",
        };
        return error.Length == 0;
    }
}
