using System.CommandLine;
using System.Globalization;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>The options of <c>splitvmm run</c> and how they become <see cref="RunOptions"/>.</summary>
internal sealed class RunCommand
{
    public const int MostCpus = 255;

    private readonly Argument<string?> _definition = WordArgument.OneOrNone(
        "DEFINITION", "a machine that is defined in a file (docs/machines.md); options here go before what it says").Offering(DefinitionFolder.Names);

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
        "where the picture goes; sdl takes title, renderer, size, touch, viewers; headless takes frames, frame-interval, size, viewers", null, TryParseDisplay);

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
            _definition, _kernel, _name, _initrd, _append, _memory, _cpus, _gpu, _gpuRuntime, _sandbox, _display, _frames, _serial, _vhostUser, _json, _grace, _timeout,
            _crashQuota, _gpuHangTimeout,
        };
    }

    public Command Command { get; }

    /// <summary>The definition and the options as one value; false: <paramref name="error"/> says what is wrong with them.</summary>
    public bool TryBind(ParseResult result, out RunOptions options, out string error)
    {
        options = null!;
        MachineSettings settings = Given(result);
        if (result.GetValue(_definition) is { } name)
        {
            if (DefinitionFolder.Find(name, out error) is not { } definition)
            {
                return false;
            }

            settings = settings.Over(definition.Settings with { Name = name });
        }

        return settings.TryComplete(result.GetValue(_json), out options, out error);
    }

    /// <summary>What was given on the command line, and nothing else.</summary>
    private MachineSettings Given(ParseResult result) => new()
    {
        Kernel = result.GetValue(_kernel),
        Name = result.GetValue(_name),
        Initrd = result.GetValue(_initrd),
        Append = Reference(result, _append),
        Memory = Value(result, _memory),
        Cpus = Value(result, _cpus),
        Gpu = Reference(result, _gpu),
        GpuRuntime = result.GetValue(_gpuRuntime),
        Sandbox = Value(result, _sandbox),
        Display = result.GetValue(_display),
        Frames = result.GetValue(_frames),
        Serial = Reference(result, _serial),
        VhostUser = result.GetValue(_vhostUser) is { Length: > 0 } devices ? devices : null,
        Grace = result.GetValue(_grace),
        Timeout = result.GetValue(_timeout),
        CrashQuota = Reference(result, _crashQuota),
        GpuHangTimeout = result.GetValue(_gpuHangTimeout),
    };

    // Options with a default that help shows have a value also when they were not given.
    private static T? Reference<T>(ParseResult result, Option<T> option)
        where T : class => IsGiven(result, option) ? result.GetValue(option) : null;

    private static T? Value<T>(ParseResult result, Option<T> option)
        where T : struct => IsGiven(result, option) ? result.GetValue(option) : null;

    private static bool IsGiven(ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

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
