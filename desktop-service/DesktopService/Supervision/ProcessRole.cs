namespace SplitVmm.DesktopService.Supervision;

/// <summary>The processes of one virtual machine.</summary>
internal enum ProcessRole
{
    Core,
    Gpu,
    Display,
}

internal static class ProcessRoleNames
{
    /// <summary>Name of the executable, and of the process in messages.</summary>
    public static string Name(this ProcessRole role) => role switch
    {
        ProcessRole.Core => "vmm-core",
        ProcessRole.Gpu => "gpu-process",
        _ => "display-process",
    };
}
