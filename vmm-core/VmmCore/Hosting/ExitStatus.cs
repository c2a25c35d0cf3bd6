namespace SplitVmm.VmmCore.Hosting;

/// <summary>Exit statuses of vmm-core (docs/architecture.md, "Command lines").</summary>
public static class ExitStatus
{
    /// <summary>The guest switched itself off, or the machine was ended as asked.</summary>
    public const int Done = 0;

    /// <summary>A failure that was reported in one line on standard error.</summary>
    public const int Failed = 1;

    public const int WrongUsage = 2;

    /// <summary>This host cannot do it.</summary>
    public const int HostUnfit = 3;
}
