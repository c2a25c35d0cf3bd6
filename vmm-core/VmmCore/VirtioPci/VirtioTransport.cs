using SplitVmm.Virtio.Constants;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Pci;
using SplitVmm.VmmCore.Pci.Msix;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// The life of a virtio device as its driver steers it (virtio 1.3 sections 2.1 and 3.1): status, features,
/// queues, start and reset. The regions of the function translate register accesses into calls of this class,
/// under <see cref="Gate"/>. Whatever order a driver calls in, the outcome is a status.
/// </summary>
internal sealed class VirtioTransport : IVirtioTransport, IBarObserver, IDisposable
{
    // The driver may set these; DEVICE_NEEDS_RESET is the device's.
    private const VirtioStatus DriverBits = VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER
        | VirtioStatus.FEATURES_OK | VirtioStatus.DRIVER_OK | VirtioStatus.FAILED;

    // Of the bits reserved for queues and negotiation (24 to 41 and 43), those that doorbells by ioeventfd, split
    // rings in untranslated memory and this transport can keep.
    private const ulong TransportBits = 0x0000_0BFF_FF00_0000;
    private const ulong SupportedTransportBits = VirtioFeatures.VIRTIO_F_INDIRECT_DESC | VirtioFeatures.VIRTIO_F_EVENT_IDX
        | VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_IN_ORDER | VirtioFeatures.VIRTIO_F_ORDER_PLATFORM;

    private readonly IVirtioDevice _device;
    private readonly DoorbellSet _doorbells;
    private readonly InterruptLine _configLine = new();
    private IActiveDevice? _active;
    private int _status;
    private int _isr;
    private int _configChanged;

    public VirtioTransport(IVirtioDevice device, IInterruptRoutes routes, IDoorbells doorbells)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(device.QueueSizes.Count, VirtioPciLayout.MaximumQueues);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(device.ConfigLength, VirtioPciLayout.MaximumConfig);
        _device = device;
        Queues = [.. device.QueueSizes.Select((size, index) => new VirtioQueue(index, size))];
        _doorbells = new DoorbellSet(doorbells, Queues);
        // One for each queue and one for changes of the configuration, so that a driver need not share.
        Msix = new MsixTable(Queues.Length + 1, routes);
        OfferedFeatures = (device.Features & (~TransportBits | SupportedTransportBits)) | VirtioFeatures.VIRTIO_F_VERSION_1;
        device.Connect(this);
    }

    /// <summary>Held by the callers of every member that is not thread-safe by itself.</summary>
    public Lock Gate { get; } = new();

    public VirtioQueue[] Queues { get; }

    public MsixTable Msix { get; }

    public IVirtioDevice Device => _device;

    public ulong OfferedFeatures { get; }

    /// <summary>What the driver has accepted so far; fixed once FEATURES_OK is set.</summary>
    public ulong DriverFeatures { get; private set; }

    public VirtioStatus Status => (VirtioStatus)Volatile.Read(ref _status);

    public byte ConfigGeneration { get; private set; }

    public ushort ConfigVector => _configLine.Vector;

    public void SetConfigVector(ushort vector) => Msix.Connect(_configLine, vector);

    public void SetQueueVector(VirtioQueue queue, ushort vector) => Msix.Connect(queue.Call, vector);

    public void SetDriverFeatures(ulong features)
    {
        if ((Status & VirtioStatus.FEATURES_OK) == 0)
        {
            DriverFeatures = features;
        }
    }

    /// <summary>Queues are enabled before DRIVER_OK (virtio 1.3 section 3.1.1); later ones would never start.</summary>
    public void EnableQueue(VirtioQueue queue)
    {
        if ((Status & VirtioStatus.DRIVER_OK) == 0)
        {
            queue.Enable();
        }
    }

    /// <summary>A write to <c>device_status</c>: 0 resets; else bits are added, as far as the state allows.</summary>
    public void WriteStatus(VirtioStatus written)
    {
        if (written == VirtioStatus.None)
        {
            Reset();
            return;
        }

        // A driver must not clear bits; if it does, they stay.
        VirtioStatus added = written & DriverBits & ~Status;
        if ((added & VirtioStatus.FEATURES_OK) != 0 && !AreFeaturesAcceptable())
        {
            added &= ~VirtioStatus.FEATURES_OK;
        }

        if ((added & VirtioStatus.DRIVER_OK) != 0 && ((Status | added) & VirtioStatus.FEATURES_OK) == 0)
        {
            added &= ~VirtioStatus.DRIVER_OK;
        }

        _ = Interlocked.Or(ref _status, (int)added);
        if ((added & VirtioStatus.DRIVER_OK) != 0)
        {
            Activate();
        }
    }

    /// <summary>A write to a doorbell that KVM did not take: the queue was not active, or the guest came another way.</summary>
    public void Kick(int index)
    {
        if (_active is not null && index < Queues.Length && Queues[index].Enabled)
        {
            _ = Queues[index].Kick.Signal();
        }
    }

    /// <summary>
    /// Reads the device-specific configuration, and moves the generation if it has changed since the last read
    /// (virtio 1.3 section 4.1.4.3.1).
    /// </summary>
    public void ReadDeviceConfig(int offset, Span<byte> data)
    {
        if (Interlocked.Exchange(ref _configChanged, 0) != 0)
        {
            ConfigGeneration++;
        }

        _device.ReadConfig(offset, data);
    }

    /// <summary>
    /// Takes the ISR status (virtio 1.3 section 4.1.4.5). Without MSI-X nobody listens to the queues' lines, so a
    /// driver that polls this register learns here what they remember.
    /// </summary>
    public byte TakeIsr()
    {
        const int QueueInterrupt = 1;
        if (!Msix.Enabled)
        {
            foreach (VirtioQueue queue in Queues)
            {
                if (queue.Call.Event.TryDrain(out _))
                {
                    _ = Interlocked.Or(ref _isr, QueueInterrupt);
                }
            }
        }

        return (byte)Interlocked.Exchange(ref _isr, 0);
    }

    /// <summary>
    /// Device reset (virtio 1.3 section 2.4). Returns when the device has let go of the queues, so the driver that
    /// reads the status afterwards reads 0.
    /// </summary>
    public void Reset()
    {
        _doorbells.Deactivate();
        _active?.Deactivate();
        _active = null;
        DriverFeatures = 0;
        _ = Msix.Connect(_configLine, InterruptLine.NoVector);
        foreach (VirtioQueue queue in Queues)
        {
            _ = Msix.Connect(queue.Call, InterruptLine.NoVector);
            queue.Reset();
        }

        _ = _configLine.Event.TryDrain(out _);
        _ = Interlocked.Exchange(ref _isr, 0);
        _ = Interlocked.Exchange(ref _status, 0);
    }

    public void ConfigChanged()
    {
        const int ConfigurationInterrupt = 2;
        Volatile.Write(ref _configChanged, 1);
        if ((Status & VirtioStatus.DRIVER_OK) != 0)
        {
            _ = Interlocked.Or(ref _isr, ConfigurationInterrupt);
            _ = _configLine.Event.Signal();
        }
    }

    public void NeedsReset()
    {
        // A device that nobody drives has nothing to report; its next activation will fail.
        if ((Status & VirtioStatus.DRIVER_OK) != 0)
        {
            _ = Interlocked.Or(ref _status, (int)VirtioStatus.DEVICE_NEEDS_RESET);
            ConfigChanged();
        }
    }

    public void BarPlaced(ulong address)
    {
        lock (Gate)
        {
            _doorbells.Place(address + VirtioPciLayout.NotifyOffset);
        }
    }

    public void BarRemoved(ulong address)
    {
        lock (Gate)
        {
            _doorbells.Remove();
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            Reset();
        }

        _device.Dispose();
        _configLine.Dispose();
        foreach (VirtioQueue queue in Queues)
        {
            queue.Dispose();
        }
    }

    private bool AreFeaturesAcceptable() =>
        (DriverFeatures & ~OfferedFeatures) == 0 && (DriverFeatures & VirtioFeatures.VIRTIO_F_VERSION_1) != 0;

    private void Activate()
    {
        List<ActiveQueue> enabled = [.. Queues.Where(queue => queue.Enabled).Select(queue => queue.Activate())];
        _active = _device.Activate(DriverFeatures, enabled);
        if (_active is null)
        {
            NeedsReset();
            return;
        }

        _doorbells.Activate();
    }
}
