using System.CommandLine;
using System.Globalization;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>The options of <c>splitvmm run</c> and how they become <see cref="RunOptions"/>.</summary>
internal sealed class RunCommand
{
    private const int MostCpus = 255;

    private readonly Option<string> _kernel = new("--kernel")
    {
        HelpName = "FILE",
        Description = "Linux kernel: vmlinux (ELF with a PVH entry) or bzImage",
    };

    private readonly Option<string?> _name = ReadOption.Create<string?>(
        "--name", "NAME", "by which other commands find the machine (that of the kernel's file)", null, MachineName.TryParse);

    private readonly Option<string?> _initrd = new("--initrd")
    {
        HelpName = "FILE",
        Description = "initial RAM disk",
    };

    private readonly Option<string> _append = new("--append")
    {
        HelpName = "TEXT",
        Description = "kernel command line",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<MemorySize> _memory = ReadOption.Create<MemorySize>(
        "--memory", "SIZE", "guest memory, for example 512M or 8G", MemorySize.Default, MemorySize.TryParse);

    private readonly Option<int> _cpus = ReadOption.Create<int>(
        "--cpus", "N", $"virtual CPUs, 1 to {MostCpus}", 1, TryParseCpus);

    private readonly Option<string> _gpu = new("--gpu")
    {
        HelpName = "KEY=VALUE,...|none",
        Description = "options of the GPU; none: a guest without one",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string?> _gpuRuntime = new("--gpu-runtime")
    {
        HelpName = "DIR",
        Description = "root file system with virglrenderer and Mesa for gpu-process, instead of the host's (packaging/image gpu-runtime-trixie makes one)",
    };

    private readonly Option<SandboxChoice> _sandbox = new("--sandbox")
    {
        HelpName = "on|off",
        Description = "off: no cage around any process, for debugging only",
        DefaultValueFactory = _ => SandboxChoice.On,
    };

    private readonly Option<DisplayChoice?> _display = ReadOption.Create<DisplayChoice?>(
        "--display", "sdl|headless|none[,KEY=VALUE...]",
        "where the picture goes; sdl takes title, renderer, size; headless takes frames, frame-interval, size", null, TryParseDisplay);

    private readonly Option<string?> _frames = new("--frames")
    {
        HelpName = "DIR",
        Description = "folder for the PNG files of --display headless",
    };

    private readonly Option<SerialChoice> _serial = ReadOption.Create<SerialChoice>(
        "--serial", "stdio|none|file:PATH", "where the serial console goes; Ctrl-A x leaves it", SerialChoice.Stdio, SerialChoice.TryParse);

    private readonly Option<string[]> _vhostUser = new("--vhost-user")
    {
        HelpName = "type=TYPE,path=PATH",
        Description = "a further vhost-user device; may be repeated",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "print one JSON object per event on standard output",
    };

    private readonly Option<TimeSpan?> _grace = ReadOption.Create<TimeSpan?>(
        "--grace", "SECONDS", "time to power off before the guest is ended by force (5)", null, TryParseOptionalSeconds);

    private readonly Option<TimeSpan?> _timeout = ReadOption.Create<TimeSpan?>(
        "--timeout", "SECONDS", "end the guest after this time, with exit status 1", null, TryParseOptionalSeconds);

    private readonly Option<RestartLimits> _crashQuota = ReadOption.Create<RestartLimits>(
        "--crash-quota", "COUNT/SECONDS[,max-delay=MS]",
        $"deaths of gpu-process or display-process that are survived in a time ({RestartLimits.Default})", RestartLimits.Default, RestartLimits.TryParse);

    private readonly Option<TimeSpan?> _gpuHangTimeout = ReadOption.Create<TimeSpan?>(
        "--gpu-hang-timeout", "SECONDS", "a gpu-process without a sign of life or progress for this long is restarted (10, with software GL 60)", null, TryParseHang);

    public RunCommand()
    {
        Command = new Command("run", "Run a virtual machine until it powers off")
        {
            _kernel, _name, _initrd, _append, _memory, _cpus, _gpu, _gpuRuntime, _sandbox, _display, _frames, _serial, _vhostUser, _json, _grace, _timeout,
            _crashQuota, _gpuHangTimeout,
        };
    }

    public Command Command { get; }

    /// <summary>The options as one value; false: they contradict each other, and <paramref name="error"/> says how.</summary>
    public bool TryBind(ParseResult result, out RunOptions options, out string error)
    {
        DisplayChoice? display = result.GetValue(_display);
        string gpu = result.GetValue(_gpu) ?? "";
        string? kernel = result.GetValue(_kernel);
        bool hasGpu = gpu != "none";
        display ??= new DisplayChoice(hasGpu ? DisplayBackend.Sdl : DisplayBackend.None);
        bool framesFit = result.GetValue(_frames) is not { } frames || display.TryAddFrames(frames, out display);

        options = new RunOptions
        {
            Kernel = kernel ?? "",
            Name = result.GetValue(_name),
            Initrd = result.GetValue(_initrd),
            Append = result.GetValue(_append) ?? "",
            Memory = result.GetValue(_memory),
            Cpus = result.GetValue(_cpus),
            Gpu = hasGpu ? gpu : null,
            GpuRuntime = result.GetValue(_gpuRuntime),
            Sandbox = result.GetValue(_sandbox),
            Display = display,
            Serial = result.GetValue(_serial) ?? SerialChoice.Stdio,
            VhostUser = result.GetValue(_vhostUser) ?? [],
            Json = result.GetValue(_json),
            Grace = result.GetValue(_grace) ?? TimeSpan.FromSeconds(5),
            Timeout = result.GetValue(_timeout),
            CrashQuota = result.GetValue(_crashQuota) ?? RestartLimits.Default,
            GpuHangTimeout = result.GetValue(_gpuHangTimeout),
        };
        error = options switch
        {
            _ when string.IsNullOrEmpty(kernel) => "no kernel given; name one with --kernel FILE",
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

    private static bool TryParseDisplay(string text, out DisplayChoice? value, out string error)
    {
        bool right = DisplayChoice.TryParse(text, out DisplayChoice choice, out error);
        value = choice;
        return right;
    }

    private static bool TryParseCpus(string text, out int cpus, out string error)
    {
        bool right = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out cpus) && cpus is >= 1 and <= MostCpus;
        error = right ? "" : $"number of CPUs '{text}' is not between 1 and {MostCpus}";
        return right;
    }

    private static bool TryParseSeconds(string text, out TimeSpan time, out string error)
    {
        const double Most = 1e6;
        bool right = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && seconds <= Most;
        time = right ? TimeSpan.FromSeconds(seconds) : default;
        error = right ? "" : $"'{text}' is not a number of seconds";
        return right;
    }

    private static bool TryParseOptionalSeconds(string text, out TimeSpan? time, out string error)
    {
        bool right = TryParseSeconds(text, out TimeSpan seconds, out error);
        time = seconds;
        return right;
    }

    private static bool TryParseHang(string text, out TimeSpan? time, out string error)
    {
        // Less than this also ends processes that only wait for their turn on a busy host.
        const double Least = 0.2;
        bool right = TryParseSeconds(text, out TimeSpan seconds, out error) && seconds.TotalSeconds >= Least;
        time = right ? seconds : null;
        error = right ? "" : $"'{text}' is not a number of seconds from {Least}";
        return right;
    }
}
