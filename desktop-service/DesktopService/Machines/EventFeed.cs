using System.Threading.Channels;
using SplitVmm.Control.Protocol;

namespace SplitVmm.DesktopService.Machines;

/// <summary>Hands what happens to everybody who listens. Who does not keep up loses the oldest. From any thread.</summary>
internal sealed class EventFeed
{
    private const int Backlog = 1024;

    private readonly Lock _gate = new();
    private readonly List<Channel<MachineEvent>> _listeners = [];
    private bool _isComplete;

    public ChannelReader<MachineEvent> Subscribe()
    {
        var listener = Channel.CreateBounded<MachineEvent>(
            new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            _listeners.Add(listener);
            if (_isComplete)
            {
                _ = listener.Writer.TryComplete();
            }
        }

        return listener.Reader;
    }

    public void Unsubscribe(ChannelReader<MachineEvent> events)
    {
        lock (_gate)
        {
            _ = _listeners.RemoveAll(listener => listener.Reader == events);
        }
    }

    public void Publish(MachineEvent item)
    {
        lock (_gate)
        {
            _listeners.ForEach(listener => _ = listener.Writer.TryWrite(item));
        }
    }

    /// <summary>Nothing follows any more.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            _listeners.ForEach(listener => _ = listener.Writer.TryComplete());
        }
    }
}
