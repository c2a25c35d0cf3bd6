using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// The device as one connection has set it up: features, memory, rings, status. It keeps the order in which an
/// <see cref="IVhostUserDevice"/> learns of things.
/// </summary>
internal sealed class BackEndDevice : IDisposable
{
    private const VhostUserProtocolFeatures Served =
        VhostUserProtocolFeatures.MQ | VhostUserProtocolFeatures.REPLY_ACK | VhostUserProtocolFeatures.BACKEND_REQ
        | VhostUserProtocolFeatures.CONFIG | VhostUserProtocolFeatures.RESET_DEVICE | VhostUserProtocolFeatures.STATUS
        | VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS | VhostUserProtocolFeatures.INFLIGHT_SHMFD;

    private readonly IVhostUserDevice _device;
    private readonly MemoryTable _table = new();
    private InflightTable? _inflight;
    private BackEndChannel? _channel;
    private ulong _features;

    public BackEndDevice(EventLoop loop, IVhostUserDevice device, Action<string> log)
    {
        _device = device;
        Log = log;
        Vrings = new Vring[device.QueueCount];
        for (int i = 0; i < Vrings.Length; i++)
        {
            Vrings[i] = new Vring(i, loop, Kick);
        }
    }

    public Action<string> Log { get; }

    public Vring[] Vrings { get; }

    public int MaxQueueSize => _device.MaxQueueSize;

    public ulong OfferedFeatures => _device.Features | VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES;

    public VhostUserProtocolFeatures OfferedProtocolFeatures => Served | _device.ProtocolFeatures;

    /// <summary>Negotiated protocol features.</summary>
    public VhostUserProtocolFeatures ProtocolFeatures { get; private set; }

    public VirtioStatus Status { get; private set; }

    public GuestMemory Memory => _table.Memory;

    public string? SetFeatures(ulong features)
    {
        ulong unknown = features & ~OfferedFeatures;
        if (unknown != 0)
        {
            return $"feature bits 0x{unknown:x} were not offered";
        }

        _features = features;
        if ((features & VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES) == 0)
        {
            // Such a front end has no SET_VRING_ENABLE: "the ring starts directly in the enabled state".
            Array.ForEach(Vrings, static vring => vring.Enable(true));
        }

        _device.FeaturesAcknowledged(features & ~VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES);
        return null;
    }

    public string? SetProtocolFeatures(ulong features)
    {
        var wanted = (VhostUserProtocolFeatures)features;
        VhostUserProtocolFeatures unknown = wanted & ~OfferedProtocolFeatures;
        if (unknown != 0)
        {
            return $"protocol features {unknown} were not offered";
        }

        ProtocolFeatures = wanted;
        return null;
    }

    public void SetStatus(VirtioStatus status)
    {
        if (status == VirtioStatus.None)
        {
            Reset();
        }
        else
        {
            // Only a reset takes back that the device needs one (virtio 1.3 section 2.1.2).
            Status = status | (Status & VirtioStatus.DEVICE_NEEDS_RESET);
        }
    }

    public string? SetMemory(ReadOnlySpan<VhostUserMemoryRegion> regions, List<Descriptor> files) =>
        _table.TryReplace(regions, files, out GuestMemory? replaced) ?? MoveTo(replaced!);

    public string? AddMemory(in VhostUserMemoryRegion region, Descriptor file) =>
        _table.TryAdd(region, file, out GuestMemory? replaced) ?? MoveTo(replaced!);

    public string? RemoveMemory(in VhostUserMemoryRegion region) =>
        _table.TryRemove(region, out GuestMemory? replaced) ?? MoveTo(replaced!);

    public string? SetInflight(in VhostUserInflight description, Descriptor file)
    {
        string? fault = InflightTable.TryMap(description, file, Vrings.Length, out InflightTable? table);
        if (fault is not null)
        {
            return fault;
        }

        if (Array.Exists(Vrings, static vring => vring.Queue is not null))
        {
            table!.Dispose();
            return "a ring is started";
        }

        _inflight?.Dispose();
        _inflight = table;
        return null;
    }

    public void SetBackEndChannel(UnixSocket socket)
    {
        _channel?.Dispose();
        _channel = new BackEndChannel(socket);
    }

    public VhostUserShMemConfig DescribeSharedMemory()
    {
        VhostUserShMemConfig config = default;
        for (int id = 0; id < VhostUserShMemSizes.Count; id++)
        {
            config.Sizes[id] = _device.SharedMemorySize((byte)id);
            config.NumRegions += config.Sizes[id] == 0 ? 0u : 1u;
        }

        return config;
    }

    /// <summary>SHMEM_MAP, or without a file SHMEM_UNMAP; returns when the front end has done it or refused.</summary>
    public bool TryChangeSharedMemory(in VhostUserMMap range, Descriptor? file)
    {
        const VhostUserProtocolFeatures Needed = VhostUserProtocolFeatures.SHMEM | VhostUserProtocolFeatures.REPLY_ACK;
        if ((ProtocolFeatures & Needed) != Needed || _channel is null)
        {
            return false;
        }

        VhostUserBackEndRequest request =
            file is null ? VhostUserBackEndRequest.SHMEM_UNMAP : VhostUserBackEndRequest.SHMEM_MAP;
        if (_channel.TryOrder(request, range, file, out bool done))
        {
            return done;
        }

        Log($"the front end did not answer {request}: {_channel.Fault}");
        _channel.Dispose();
        _channel = null;
        return false;
    }

    public void NotifyConfigChanged()
    {
        if ((ProtocolFeatures & VhostUserProtocolFeatures.CONFIG) != 0 && _channel?.NotifyConfigChanged() == false)
        {
            Log("the front end closed the back-end request channel");
            _channel.Dispose();
            _channel = null;
        }
    }

    /// <summary>Reads the configuration space; beyond its end are zeroes, as front ends may ask for a round size.</summary>
    public void ReadConfig(int offset, Span<byte> destination)
    {
        destination.Clear();
        int inside = Math.Min(destination.Length, _device.ConfigSize - offset);
        if (inside > 0)
        {
            _device.ReadConfig(offset, destination[..inside]);
        }
    }

    public string? WriteConfig(uint offset, ReadOnlySpan<byte> source)
    {
        bool inside = offset <= (uint)_device.ConfigSize && source.Length <= _device.ConfigSize - (int)offset;
        return inside && _device.TryWriteConfig((int)offset, source)
            ? null
            : $"{source.Length} bytes at {offset} of the configuration space are not writable";
    }

    /// <summary>Starts a ring if everything it takes is known by now.</summary>
    public string? StartIfReady(Vring vring)
    {
        if (!vring.CanStart)
        {
            return null;
        }

        ulong features = _features & ~VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES;
        string? fault = vring.TryStart(Memory, features, _inflight?.Find(vring.Index));
        if (fault is null)
        {
            _device.QueueStarted(vring.Queue!);
            // Offers older than the kick descriptor, and chains that an earlier process left, bring no kick.
            Kick(vring);
        }

        return fault;
    }

    public void Enable(Vring vring, bool enabled)
    {
        vring.Enable(enabled);
        Kick(vring);
    }

    /// <summary>Stops a ring. The device may still complete what it holds from within QueueStopped.</summary>
    public void Stop(Vring vring)
    {
        if (vring.Queue is { } queue)
        {
            _device.QueueStopped(queue);
            queue.Notify();
        }

        vring.Stop();
    }

    /// <summary>Stops and disables all rings and resets the device; features, memory and the connection stay.</summary>
    public void Reset()
    {
        StopAll();
        _inflight?.Clear();
        Status = VirtioStatus.None;
        bool negotiates = (_features & VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES) != 0;
        foreach (Vring vring in Vrings)
        {
            vring.Base = 0;
            vring.Enable(!negotiates);
        }

        _device.Reset();
    }

    /// <summary>The connection is over: the device is as before it, and guest memory is unmapped.</summary>
    public void Dispose()
    {
        StopAll();
        _device.Disconnected();
        Array.ForEach(Vrings, static vring => vring.Dispose());
        GuestMemory former = _table.Empty();
        _device.MemoryChanged(Memory);
        former.Release();
        _table.Dispose();
        _inflight?.Dispose();
        _channel?.Dispose();
    }

    private void StopAll()
    {
        foreach (Vring vring in Vrings)
        {
            Stop(vring);
        }
    }

    private void Kick(Vring vring)
    {
        if (vring.Queue is not { IsEnabled: true } queue || queue.Ring.Error != QueueError.None)
        {
            return;
        }

        _device.QueueKicked(queue);
        ReportBreak(vring);
    }

    private void ReportBreak(Vring vring)
    {
        if (vring.Queue is not { } queue || queue.Ring.Error == QueueError.None || vring.IsBreakReported)
        {
            return;
        }

        vring.IsBreakReported = true;
        Status |= VirtioStatus.DEVICE_NEEDS_RESET;
        Log($"ring {vring.Index} stopped, the driver broke it: {queue.Ring.Error}");
        vring.SignalError();
        NotifyConfigChanged();
    }

    private string? MoveTo(GuestMemory replaced)
    {
        string? fault = null;
        foreach (Vring vring in Vrings)
        {
            fault = vring.TryMoveTo(Memory) ?? fault;
            ReportBreak(vring);
        }

        _device.MemoryChanged(Memory);
        replaced.Release();
        return fault;
    }
}
