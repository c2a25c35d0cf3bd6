using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>What <c>splitvmm run</c> was asked for. What only one process can judge is left to it.</summary>
internal sealed record RunOptions
{
    public required string Kernel { get; init; }

    /// <summary>By which other commands find the machine; null: one is made of the kernel's file name.</summary>
    public string? Name { get; init; }

    public string? Initrd { get; init; }

    public string Append { get; init; } = "";

    public MemorySize Memory { get; init; } = MemorySize.Default;

    public int Cpus { get; init; } = 1;

    /// <summary><c>key=value,…</c> for gpu-process, which knows the keys; null: no gpu-process at all.</summary>
    public string? Gpu { get; init; } = "";

    /// <summary>Root file system with virglrenderer and Mesa for gpu-process; null: the host's own.</summary>
    public string? GpuRuntime { get; init; }

    /// <summary>Whether the processes are caged.</summary>
    public SandboxChoice Sandbox { get; init; }

    public DisplayChoice Display { get; init; } = new(DisplayBackend.Sdl);

    public SerialChoice Serial { get; init; } = SerialChoice.Stdio;

    /// <summary>Further vhost-user devices, as vmm-core's option of the same name takes them.</summary>
    public IReadOnlyList<string> VhostUser { get; init; } = [];

    /// <summary>One JSON object per line on standard output instead of text for people.</summary>
    public bool Json { get; init; }

    /// <summary>How long the guest has to power off after it was asked to.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>Null: for ever. Otherwise the guest is asked to power off after this time and the exit status is 1.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Which deaths of gpu-process and of display-process are survived.</summary>
    public RestartLimits CrashQuota { get; init; } = RestartLimits.Default;

    /// <summary>How long gpu-process may go without a sign of life or of progress; null: by the kind of renderer.</summary>
    public TimeSpan? GpuHangTimeout { get; init; }
}
