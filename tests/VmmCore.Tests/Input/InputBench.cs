using System.Runtime.InteropServices;
using SplitVmm.Platform.Events;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.Input;
using SplitVmm.VmmCore.Tests.Pci;
using SplitVmm.VmmCore.Tests.VirtioPci;
using SplitVmm.Wires.Input;

namespace SplitVmm.VmmCore.Tests.Input;

/// <summary>A virtio-input device behind its PCI function, and the guest's driver for it.</summary>
internal sealed class InputBench : IDisposable
{
    private readonly PciBench _pci = new();
    private readonly Dictionary<ushort, ulong> _buffers = [];

    public InputBench(InputDeviceKind kind)
    {
        Device = new InputDevice(kind, Memory.Memory, Loop);
        Driver = new VirtioDriver(_pci, _pci.Topology.Add(Device));
    }

    public EventLoop Loop { get; } = new();

    public DriverMemory Memory { get; } = new(1 << 20);

    public InputDevice Device { get; }

    public VirtioDriver Driver { get; }

    public DriverQueue Events { get; private set; } = null!;

    public DriverQueue Status { get; private set; } = null!;

    /// <summary>Asks the configuration; null if the device has no answer.</summary>
    public byte[]? Query(int select, int subsel)
    {
        ulong config = Driver.Structure(4);
        _pci.Write(config, (uint)select, 1);
        _pci.Write(config + 1, (uint)subsel, 1);
        int size = (int)_pci.Read(config + 2, 1);
        return size == 0 ? null : [.. Enumerable.Range(0, size).Select(i => (byte)_pci.Read(config + 8 + (ulong)i, 1))];
    }

    public byte[] ConfigBytes() =>
        [.. Enumerable.Range(0, 136).Select(i => (byte)_pci.Read(Driver.Structure(4) + (ulong)i, 1))];

    /// <summary>Starts the driver with so many event buffers.</summary>
    public void Start(int buffers, int queueSize = 64)
    {
        const ulong Features = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX;
        Events = new DriverQueue(Memory, queueSize, Features);
        Status = new DriverQueue(Memory, queueSize, Features);
        Driver.Negotiate(Features);
        Driver.SetQueue(0, Events.Layout);
        Driver.SetQueue(1, Status.Layout);
        Driver.SetDriverOk();
        OfferBuffers(buffers);
        Pump();
    }

    public void OfferBuffers(int count, int size = 8)
    {
        for (int i = 0; i < count; i++)
        {
            ulong buffer = Memory.Allocate(size);
            _buffers[Events.Offer(DriverBuffer.Writable(buffer, size))] = buffer;
        }

        if (Events.TakeKick())
        {
            Driver.Kick(0);
        }
    }

    public void SendStatus(ushort type, ushort code, int value)
    {
        var item = new InputEvent(type, code, value);
        ulong buffer = Memory.Allocate(MemoryMarshal.AsBytes(new ReadOnlySpan<InputEvent>(in item)));
        Status.Offer(DriverBuffer.Readable(buffer, 8));
        if (Status.TakeKick())
        {
            Driver.Kick(1);
        }

        Pump();
    }

    public void Pump()
    {
        while (Loop.RunOnce(0) > 0)
        {
        }
    }

    /// <summary>The events that have reached the guest since the last call.</summary>
    public List<(ushort Type, ushort Code, int Value)> Collect()
    {
        List<(ushort, ushort, int)> events = [];
        while (Events.TryCollect(out ushort head, out uint written))
        {
            if (written != 8)
            {
                throw new InvalidOperationException($"{written} bytes where an event has 8");
            }

            ref InputEvent item = ref Memory.Field<InputEvent>(_buffers[head]);
            events.Add((item.Type, item.Code, item.Value));
        }

        return events;
    }

    public void Report(params ReadOnlySpan<InputEvent> events)
    {
        Span<InputEvent> report = stackalloc InputEvent[events.Length + 1];
        events.CopyTo(report);
        report[^1] = new InputEvent(EventCodes.EV_SYN, EventCodes.SYN_REPORT, 0);
        Device.Report(report);
    }

    /// <summary>The ISR status, which tells of interrupts while MSI-X is off.</summary>
    public uint TakeIsr() => _pci.Read(Driver.Structure(3), 1);

    public void Key(ushort code, bool down) => Report(new InputEvent(EventCodes.EV_KEY, code, down ? 1 : 0));

    public void Dispose()
    {
        _pci.Dispose();
        Pump();
        Loop.Dispose();
        Memory.Dispose();
    }
}
