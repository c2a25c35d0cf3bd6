namespace SplitVmm.DesktopService.Supervision;

/// <summary>The processes of one virtual machine.</summary>
internal enum ProcessRole
{
    Core,
    Gpu,
    Display,

    /// <summary>
    /// <c>virgl_render_server</c> of virglrenderer, in which the guest's Vulkan runs. It belongs to one gpu-process: they
    /// start together, and neither outlives the other.
    /// </summary>
    Venus,
}

internal static class ProcessRoleNames
{
    /// <summary>Name of the process in messages, of its policy, and of its executable if it is one of ours.</summary>
    public static string Name(this ProcessRole role) => role switch
    {
        ProcessRole.Core => "vmm-core",
        ProcessRole.Gpu => "gpu-process",
        ProcessRole.Venus => "venus-server",
        _ => "display-process",
    };

    /// <summary>A program of SplitVmm, with a control connection and a plug wire. Another's only lives and ends.</summary>
    public static bool IsOurs(this ProcessRole role) => role != ProcessRole.Venus;
}
