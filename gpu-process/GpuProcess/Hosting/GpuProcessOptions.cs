using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.Sandbox;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>What the command line says.</summary>
public sealed record GpuProcessOptions
{
    /// <summary>Inherited vhost-user socket; null if <see cref="VhostUserPath"/> is given.</summary>
    public int? VhostUserFd { get; init; }

    /// <summary>Where to listen for front ends.</summary>
    public string? VhostUserPath { get; init; }

    /// <summary>Inherited display wire; null: frames go nowhere.</summary>
    public int? DisplayFd { get; init; }

    /// <summary>Inherited control connection; null: nobody supervises.</summary>
    public int? ControlFd { get; init; }

    /// <summary>Inherited plug wire; null: the display wire is the only one there will be.</summary>
    public int? PlugFd { get; init; }

    /// <summary>Inherited memfd of the journal; null: a successor of this process starts from nothing.</summary>
    public int? JournalFd { get; init; }

    /// <summary>Inherited connection to <c>virgl_render_server</c>; null: there is no Venus.</summary>
    public int? VenusFd { get; init; }

    /// <summary>The cage that the process closes around itself.</summary>
    public ProcessSandbox Sandbox { get; init; } = ProcessSandbox.None;

    public GpuOptions Gpu { get; init; } = new();

    /// <summary>Instead of a render node; only a program that tests this one has another. Null: a node of the host.</summary>
    internal IDrmDevice? NativeDevice { get; init; }

    /// <summary>Puts something before the native contexts that writes down what guests ask of them; as <see cref="NativeDevice"/>, for tests.</summary>
    internal Func<NativeRenderer, IRenderer>? NativeRecorder { get; init; }
}
