using SplitVmm.DesktopService.Supervision;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>What the checks judge by: the host's facts, and the answers of the processes, each asked once.</summary>
internal sealed class Evidence(IHost host, IProcessProbes probes, string? gpuRuntime)
{
    private ProbeAnswer? _core;
    private ProbeAnswer? _display;
    private ProbeAnswer? _library;
    private ProbeAnswer? _virgl;
    private ProbeAnswer? _venus;
    private IReadOnlyList<RenderNode>? _renderNodes;

    public IHost Host => host;

    /// <summary>Root file system of gpu-process, if it is not the host's.</summary>
    public string? GpuRuntime => gpuRuntime;

    public ProbeAnswer Core => _core ??= probes.Ask(ProcessRole.Core);

    public ProbeAnswer Display => _display ??= probes.Ask(ProcessRole.Display);

    /// <summary>virglrenderer's version and options.</summary>
    public ProbeAnswer Library => _library ??= probes.Ask(ProcessRole.Gpu, "library");

    /// <summary>A start of virglrenderer as for a guest.</summary>
    public ProbeAnswer Virgl => _virgl ??= probes.Ask(ProcessRole.Gpu, "virgl");

    /// <summary>The cage of the Venus server, and nothing else.</summary>
    public ProbeAnswer Venus => _venus ??= probes.Ask(ProcessRole.Venus);

    public IReadOnlyList<RenderNode> RenderNodes => _renderNodes ??= RenderNode.FindAll(host);

    /// <summary>A path as gpu-process sees it, where the host has it.</summary>
    public string InGpuRoot(string path) => gpuRuntime is null ? path : gpuRuntime.TrimEnd('/') + path;
}
