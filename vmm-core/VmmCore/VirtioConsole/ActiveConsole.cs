using SplitVmm.Platform.Events;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>A virtio-console that a driver runs: its queues, and what is known of the port.</summary>
internal sealed class ActiveConsole : IActiveDevice
{
    private readonly ConsoleDevice _device;
    private readonly KickWatches _kicks;

    public ActiveConsole(ConsoleDevice device, ConsoleQueues queues, IReadOnlyList<ActiveQueue> kicks, EventLoop loop)
    {
        _device = device;
        Queues = queues;
        _kicks = new KickWatches(loop, kicks, index => device.Serve(this, index));
    }

    public ConsoleQueues Queues { get; }

    public PortControl Control { get; } = new();

    public void Deactivate()
    {
        _device.Deactivated(this);
        _kicks.End(() => _device.Ended(this));
    }
}
