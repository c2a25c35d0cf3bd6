using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Control.Client;

/// <summary>A connection of a machine's owner to the splitvmm that runs it.</summary>
public sealed class MachineConnection : IDisposable
{
    private readonly InheritedChannel _channel;

    /// <param name="socket">Connected to the machine's control socket; owned from here on.</param>
    public MachineConnection(Descriptor socket)
    {
        _channel = new InheritedChannel(socket);
        Machine = new MachineControl.MachineControlClient(_channel.Calls);
    }

    public MachineControl.MachineControlClient Machine { get; }

    public void Dispose() => _channel.Dispose();
}
