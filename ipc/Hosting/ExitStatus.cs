namespace SplitVmm.Hosting;

/// <summary>Exit statuses of the processes (docs/architecture.md, "Command lines").</summary>
public static class ExitStatus
{
    /// <summary>Ended as asked, or nobody is left to work for.</summary>
    public const int Done = 0;

    /// <summary>A failure that was reported in one line on standard error.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong, which was explained in one line on standard error.</summary>
    public const int WrongUsage = 2;

    /// <summary>This host cannot do it.</summary>
    public const int HostUnfit = 3;
}
