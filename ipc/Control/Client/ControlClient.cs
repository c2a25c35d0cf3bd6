using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Control.Client;

/// <summary>Attaches a process to its supervisor, each to the one service of its privilege.</summary>
public static class ControlClient
{
    /// <inheritdoc cref="ControlConnection{TReport,TCommand}.Attach"/>
    public static ControlConnection<CoreReport, CoreCommand> AttachCore(
        Descriptor socket, ControlClientOptions<CoreCommand> options) =>
        ControlConnection<CoreReport, CoreCommand>.Attach(
            socket, calls => new CoreControl.CoreControlClient(calls).Attach(), options);

    /// <inheritdoc cref="ControlConnection{TReport,TCommand}.Attach"/>
    public static ControlConnection<GpuReport, GpuCommand> AttachGpu(
        Descriptor socket, ControlClientOptions<GpuCommand> options) =>
        ControlConnection<GpuReport, GpuCommand>.Attach(
            socket, calls => new GpuControl.GpuControlClient(calls).Attach(), options);

    /// <inheritdoc cref="ControlConnection{TReport,TCommand}.Attach"/>
    public static ControlConnection<DisplayReport, DisplayCommand> AttachDisplay(
        Descriptor socket, ControlClientOptions<DisplayCommand> options) =>
        ControlConnection<DisplayReport, DisplayCommand>.Attach(
            socket, calls => new DisplayControl.DisplayControlClient(calls).Attach(), options);
}
