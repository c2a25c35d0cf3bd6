using System.Globalization;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>How a process ended: with a status, or by a signal.</summary>
/// <param name="Code">Exit status 0 to 255; meaningless if <paramref name="Signal"/> is not 0.</param>
/// <param name="Signal">Number of the signal that killed it, or 0.</param>
public readonly record struct ExitStatus(int Code, int Signal)
{
    /// <summary>Ended as it was asked to (docs/architecture.md, exit statuses).</summary>
    public const int AsAsked = 0;

    /// <summary>A failure that the process reported itself.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>The host cannot do what was asked.</summary>
    public const int HostCannot = 3;

    public bool IsSignal => Signal != 0;

    public bool IsSuccess => Signal == 0 && Code == AsAsked;

    public override string ToString() => IsSignal
        ? string.Create(CultureInfo.InvariantCulture, $"was killed by signal {Signal} ({NameOfSignal(Signal)})")
        : string.Create(CultureInfo.InvariantCulture, $"ended with status {Code}");

    /// <summary>Names of x86-64 Linux (<c>signal(7)</c>) for the signals that end a process that did not expect it.</summary>
    private static string NameOfSignal(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => "signal " + signal.ToString(CultureInfo.InvariantCulture),
    };
}
