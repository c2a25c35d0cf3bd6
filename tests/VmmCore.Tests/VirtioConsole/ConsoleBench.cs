using System.Runtime.InteropServices;
using SplitVmm.Platform.Events;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.Tests.Pci;
using SplitVmm.VmmCore.Tests.VirtioPci;
using SplitVmm.VmmCore.VirtioConsole;
using static SplitVmm.VmmCore.VirtioConsole.VirtioConsoleEvent;

namespace SplitVmm.VmmCore.Tests.VirtioConsole;

/// <summary>A virtio-console behind its PCI function, and the guest's driver for it.</summary>
internal sealed class ConsoleBench : IDisposable
{
    public const ulong Multiport = 1 << 1;
    public const ulong Features = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | Multiport;
    public const uint Port = 1;

    private readonly PciBench _pci = new();
    private readonly Dictionary<(int Queue, ushort Head), (ulong Address, int Size)> _buffers = [];

    /// <param name="makeDevice">What is behind the function; it is the function's then.</param>
    public ConsoleBench(Func<DriverMemory, EventLoop, ConsoleDevice> makeDevice)
    {
        Device = makeDevice(Memory, Loop);
        Driver = new VirtioDriver(_pci, _pci.Topology.Add(Device));
    }

    public EventLoop Loop { get; } = new();

    public DriverMemory Memory { get; } = new(8 << 20);

    public ConsoleDevice Device { get; }

    public VirtioDriver Driver { get; }

    public DriverQueue[] Queues { get; private set; } = [];

    /// <summary>Starts the driver: all queues, and so many buffers for control messages and for the port, with their sizes.</summary>
    public void Start(ulong features = Features, int control = 16, int controlSize = 4096, int port = 16, int size = 4096)
    {
        Memory.Rewind();
        Memory.Span(Memory.Base, (int)(Memory.End - Memory.Base)).Clear();
        _buffers.Clear();
        Queues = [.. Enumerable.Range(0, 6).Select(_ => new DriverQueue(Memory, 64, features))];
        Driver.Negotiate(features);
        for (int i = 0; i < Queues.Length; i++)
        {
            Driver.SetQueue(i, Queues[i].Layout);
        }

        Driver.SetDriverOk();
        OfferRoom(2, control, controlSize);
        OfferRoom(4, port, size);
        Pump();
    }

    /// <summary>As Linux does it until a program can use the port, and the program opens it.</summary>
    public void OpenPort()
    {
        SendControl(uint.MaxValue, VIRTIO_CONSOLE_DEVICE_READY, 1);
        SendControl(Port, VIRTIO_CONSOLE_PORT_READY, 1);
        SendControl(Port, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }

    public void OfferRoom(int queue, int count, int size)
    {
        for (int i = 0; i < count; i++)
        {
            ulong buffer = Memory.Allocate(size);
            _buffers[(queue, Queues[queue].Offer(DriverBuffer.Writable(buffer, size)))] = (buffer, size);
        }

        Kick(queue);
    }

    public void SendControl(uint id, VirtioConsoleEvent what, ushort value) =>
        Send(3, Bytes(new VirtioConsoleControl { Id = id, Event = what, Value = value }));

    /// <summary>Sends bytes in one buffer, and lets the device work.</summary>
    public void Send(int queue, ReadOnlySpan<byte> bytes)
    {
        Queues[queue].Offer(DriverBuffer.Readable(Memory.Allocate(bytes), bytes.Length));
        Kick(queue);
        Pump();
    }

    public void Kick(int queue)
    {
        if (Queues[queue].TakeKick())
        {
            Driver.Kick(queue);
        }
    }

    public void Pump()
    {
        while (Loop.RunOnce(0) > 0)
        {
        }
    }

    /// <summary>What the device has written to a queue since the last call, buffer by buffer.</summary>
    public List<byte[]> Collect(int queue)
    {
        List<byte[]> got = [];
        while (Queues[queue].TryCollect(out ushort head, out uint written))
        {
            got.Add(Memory.Span(_buffers[(queue, head)].Address, (int)written).ToArray());
        }

        return got;
    }

    /// <summary>Buffers of the driver's that the device has given back since the last call.</summary>
    public int CountTaken(int queue)
    {
        int count = 0;
        while (Queues[queue].TryCollect(out _, out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>The device's control messages since the last call, as event and value, and the name.</summary>
    public List<string> CollectControl() =>
    [
        .. Collect(2).Select(bytes =>
        {
            VirtioConsoleControl message = MemoryMarshal.Read<VirtioConsoleControl>(bytes);
            string name = System.Text.Encoding.ASCII.GetString(bytes.AsSpan(8));
            return $"{message.Event.ToString()["VIRTIO_CONSOLE_".Length..]} {message.Id} {message.Value} {name}".TrimEnd();
        }),
    ];

    public byte[] ReadConfig() => [.. Enumerable.Range(0, 12).Select(i => (byte)_pci.Read(Driver.Structure(4) + (ulong)i, 1))];

    public void WriteConfig(int offset, uint value) => _pci.Write(Driver.Structure(4) + (ulong)offset, value);

    public static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    public void Dispose()
    {
        _pci.Dispose();
        Pump();
        Loop.Dispose();
        Memory.Dispose();
    }
}
