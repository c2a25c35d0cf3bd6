using SplitVmm.Platform.Events;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.Input;

/// <summary>A virtio-input device that a driver runs: its queues, and their kicks.</summary>
internal sealed class ActiveInput : IActiveDevice
{
    private readonly InputDevice _device;
    private readonly KickWatches _kicks;

    public ActiveInput(InputDevice device, InputQueues queues, IReadOnlyList<ActiveQueue> kicks, EventLoop loop)
    {
        _device = device;
        Queues = queues;
        _kicks = new KickWatches(loop, kicks, Kicked);
    }

    public InputQueues Queues { get; }

    public void Deactivate()
    {
        _device.Deactivated(this);
        _kicks.End();
    }

    private void Kicked(int index)
    {
        if (index == InputQueues.EventQueue)
        {
            _device.EventsWanted(this);
        }
        else
        {
            _device.StatusSent(this);
        }
    }
}
