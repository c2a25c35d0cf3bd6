using System.Globalization;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.HostileGpu;

/// <summary>What gpu-process holds of its peers, to be attacked.</summary>
/// <param name="arguments">The options of gpu-process.</param>
internal sealed class Ends(string[] arguments) : IDisposable
{
    private ControlConnection<GpuReport, GpuCommand>? _control;

    /// <summary>To vmm-core; a stream.</summary>
    public UnixSocket VhostUser => field ??= Socket("--vhost-user-fd");

    /// <summary>To display-process; datagrams.</summary>
    public UnixSocket Display => field ??= Socket("--display-fd");

    /// <summary>To splitvmm; a stream that carries HTTP/2. Not to be used after <see cref="Attach"/>.</summary>
    public UnixSocket Control => field ??= Socket("--control-fd");

    /// <summary>From splitvmm; datagrams with new display wires.</summary>
    public UnixSocket Plug => field ??= Socket("--plug-fd");

    /// <summary>The file that the next process restores from.</summary>
    public Descriptor Journal => field ??= Inherited("--journal-fd");

    /// <summary>Behaves towards splitvmm: attaches, is ready, answers its questions for as long as the process lives.</summary>
    public ControlConnection<GpuReport, GpuCommand> Attach()
    {
        if (_control is null)
        {
            _control = ControlClient.AttachGpu(Inherited("--control-fd"), new ControlClientOptions<GpuCommand>
            {
                Process = "gpu-process",
                Post = action => action(),
                OnCommand = _ => { },
                OnEnd = _ => Environment.Exit(0),
            });
            _control.Report(new GpuReport { Renderer = new RendererInfo { Renderer = "hostile" } });
        }

        return _control;
    }

    public void Dispose() => _control?.Dispose();

    private UnixSocket Socket(string option) => UnixSocket.Adopt(Inherited(option));

    private Descriptor Inherited(string option) => Descriptor.FromInherited(
        int.Parse(arguments[Array.IndexOf(arguments, option) + 1], CultureInfo.InvariantCulture));
}
