using SplitVmm.Wires.Input;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// Reports that wait for the guest to offer buffers, oldest first. Bounded: a guest that sleeps costs this much
/// memory and no more. Allocates nothing after construction.
/// </summary>
internal sealed class ReportBacklog
{
    /// <summary>Events: some seconds of fast typing, and room for the longest catch-up of any device.</summary>
    public const int Capacity = 2048;

    private readonly Queue<InputEvent> _events = new(Capacity);
    private readonly Queue<int> _lengths = new(Capacity);

    public bool IsEmpty => _lengths.Count == 0;

    /// <summary>Adds a whole report, or nothing.</summary>
    public bool TryAdd(ReadOnlySpan<InputEvent> report)
    {
        if (report.Length > Capacity - _events.Count)
        {
            return false;
        }

        foreach (ref readonly InputEvent item in report)
        {
            _events.Enqueue(item);
        }

        _lengths.Enqueue(report.Length);
        return true;
    }

    /// <summary>How many events the oldest report has; false if there is none.</summary>
    public bool TryPeek(out int length) => _lengths.TryPeek(out length);

    /// <summary>Takes the oldest report out, event by event, into <paramref name="report"/> of just its length.</summary>
    public void Take(Span<InputEvent> report)
    {
        _ = _lengths.Dequeue();
        foreach (ref InputEvent item in report)
        {
            item = _events.Dequeue();
        }
    }

    public void Clear()
    {
        _events.Clear();
        _lengths.Clear();
    }
}
