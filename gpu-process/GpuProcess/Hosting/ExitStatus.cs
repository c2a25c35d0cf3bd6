namespace SplitVmm.GpuProcess.Hosting;

/// <summary>Exit statuses of gpu-process (docs/architecture.md, "Command lines").</summary>
public static class ExitStatus
{
    /// <summary>Ended as asked, or the front end has gone.</summary>
    public const int Done = 0;

    /// <summary>A failure that was reported in one line on standard error.</summary>
    public const int Failed = 1;

    public const int WrongUsage = 2;

    /// <summary>This host cannot do it: 3D was asked for and is not to be had.</summary>
    public const int HostUnfit = 3;
}
