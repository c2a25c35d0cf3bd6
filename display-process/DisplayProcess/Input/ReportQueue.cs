using System.Runtime.CompilerServices;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Input;

/// <summary>Reports that wait for room in the socket: a ring of fixed size.</summary>
internal sealed class ReportQueue
{
    /// <summary>A second of frantic typing; a guest that is further behind has stopped.</summary>
    public const int Capacity = 256;

    private readonly Report[] _ring = new Report[Capacity];
    private int _first;
    private int _count;

    public bool IsEmpty => _count == 0;

    /// <summary>False if the ring is full.</summary>
    public bool TryAdd(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        if (_count == Capacity)
        {
            return false;
        }

        ref Report slot = ref _ring[(_first + _count++) % Capacity];
        slot.Device = device;
        slot.Count = events.Length;
        events.CopyTo(slot.Events);
        return true;
    }

    /// <summary>The oldest report; the span is valid until it is removed.</summary>
    public ReadOnlySpan<InputEvent> Peek(out InputDeviceKind device)
    {
        ref Report slot = ref _ring[_first];
        device = slot.Device;
        return ((ReadOnlySpan<InputEvent>)slot.Events)[..slot.Count];
    }

    public void Remove()
    {
        _first = (_first + 1) % Capacity;
        _count--;
    }

    public void Clear() => _count = 0;

    private struct Report
    {
        public InputDeviceKind Device;
        public int Count;
        public ReportEvents Events;
    }

    [InlineArray(InputReporter.MostEvents)]
    private struct ReportEvents
    {
        private InputEvent _first;
    }
}
