using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>
/// The front end of one vhost-user connection: vmm-core's side. Requests are synchronous and end by a deadline,
/// because the back end may hang or be hostile; they may come from any thread, one at a time by a lock.
/// Construction and disposal belong to the event loop's thread.
/// </summary>
public sealed class VhostUserFrontEnd : IDisposable
{
    /// <summary>What is negotiated where the back end offers it.</summary>
    public const VhostUserProtocolFeatures DefaultProtocolFeatures =
        VhostUserProtocolFeatures.MQ | VhostUserProtocolFeatures.REPLY_ACK | VhostUserProtocolFeatures.BACKEND_REQ
        | VhostUserProtocolFeatures.CONFIG | VhostUserProtocolFeatures.RESET_DEVICE | VhostUserProtocolFeatures.STATUS
        | VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS;

    /// <summary>Vring indices have eight bits in SET_VRING_KICK.</summary>
    private const int MaxQueues = 256;

    private readonly IVhostUserFrontEndEvents _events;
    private readonly RequestLink _link;
    private readonly BackEndRequests _requests;
    private readonly Watch _hangup;
    private readonly MemorySender _memory;
    private UnixSocket? _backEndSide;
    private ulong _allOffered;
    private bool _canEnable;

    /// <param name="socket">A connected stream socket; owned from here on.</param>
    /// <param name="loop">Where back-end requests and the loss of the connection are noticed.</param>
    /// <param name="events">Whom to tell.</param>
    /// <param name="deadline">The longest that one request may take.</param>
    public VhostUserFrontEnd(UnixSocket socket, EventLoop loop, IVhostUserFrontEndEvents events, TimeSpan deadline)
    {
        _events = events;
        _link = new RequestLink(socket, deadline);
        _memory = new MemorySender(_link);
        (UnixSocket ours, _backEndSide) = UnixSocket.CreateStreamPair();
        _requests = new BackEndRequests(loop, ours, events, fault => _link.Lose(fault));
        // Nothing is asked for: the hang-up alone is reported always.
        _hangup = loop.Add(socket, Readiness.None, OnHangup);
    }

    /// <summary>Virtio features that the back end offers, without bit 30; known after <see cref="Negotiate"/>.</summary>
    public ulong OfferedFeatures => _allOffered & ~VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES;

    /// <summary>Protocol features in force; known after <see cref="Negotiate"/>.</summary>
    public VhostUserProtocolFeatures ProtocolFeatures { get; private set; }

    /// <summary>Queues that the back end has (GET_QUEUE_NUM); 0 if it does not say.</summary>
    public int QueueCount { get; private set; }

    /// <summary>Why the connection was lost, in one line; null while it lives.</summary>
    public string? LostReason => _link.LostReason;

    /// <summary>
    /// Features, protocol features, queue count, memory slots, back-end request channel, SET_OWNER. To be called
    /// once, first. Refused if a step is refused.
    /// </summary>
    /// <param name="wanted">
    /// Protocol features to take of those offered. INFLIGHT_SHMFD binds the caller to <see cref="SetInflight"/>
    /// before the first queue starts.
    /// </param>
    public VhostUserResult Negotiate(VhostUserProtocolFeatures wanted = DefaultProtocolFeatures)
    {
        VhostUserResult result = Ask(VhostUserRequest.GET_FEATURES, out _allOffered);
        bool hasProtocol = (_allOffered & VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES) != 0;
        if (result == VhostUserResult.Done && hasProtocol)
        {
            result = NegotiateProtocol(wanted);
        }

        return result == VhostUserResult.Done ? _link.Order(VhostUserRequest.SET_OWNER, []) : result;
    }

    /// <summary>SET_FEATURES, with what the driver acknowledged. Before the first queue starts.</summary>
    public VhostUserResult SetFeatures(ulong acknowledged)
    {
        _canEnable = (_allOffered & VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES) != 0;
        return Order(
            VhostUserRequest.SET_FEATURES,
            acknowledged | (_allOffered & VringDescriptorFlags.VHOST_USER_F_PROTOCOL_FEATURES));
    }

    /// <summary>
    /// Shares guest memory: SET_MEM_TABLE, or ADD_MEM_REG and REM_MEM_REG for the difference where the back end
    /// takes those. Refused too if the back end takes fewer regions.
    /// </summary>
    public VhostUserResult SetMemory(GuestMemory memory) =>
        _memory.Send(memory, Has(VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS));

    /// <summary>
    /// SET_VRING_NUM, _BASE, _ADDR, _CALL and _KICK, and SET_VRING_ENABLE where it is negotiated. Refused too if
    /// the driver's addresses do not lie in the shared memory. The kick is signalled once, for what was offered
    /// before.
    /// </summary>
    public VhostUserResult StartQueue(int index, in VhostUserQueueSetup setup)
    {
        if (!TryNameRings(index, setup.Layout, out VhostVringAddr addresses))
        {
            return VhostUserResult.Refused;
        }

        // Before the back end has the descriptor: later it could have made a write to it block.
        _ = setup.Kick.Signal();
        VhostUserResult result = OrderRing(VhostUserRequest.SET_VRING_NUM, index, (uint)setup.Layout.Size);
        result = result == VhostUserResult.Done ? OrderRing(VhostUserRequest.SET_VRING_BASE, index, setup.NextAvailable) : result;
        result = result == VhostUserResult.Done ? Order(VhostUserRequest.SET_VRING_ADDR, addresses) : result;
        result = result == VhostUserResult.Done ? SetCall(index, setup.Call) : result;
        result = result == VhostUserResult.Done ? SetLine(VhostUserRequest.SET_VRING_KICK, index, setup.Kick) : result;
        return result == VhostUserResult.Done && _canEnable ? SetQueueEnabled(index, true) : result;
    }

    /// <summary>SET_VRING_CALL: exchanges the interrupt line of a queue (null: none, the driver polls).</summary>
    public VhostUserResult SetCall(int index, EventFd? call) => SetLine(VhostUserRequest.SET_VRING_CALL, index, call);

    /// <summary>SET_VRING_ERR: the line that the back end signals when the driver has broken the queue (null: none).</summary>
    public VhostUserResult SetError(int index, EventFd? error) => SetLine(VhostUserRequest.SET_VRING_ERR, index, error);

    /// <summary>SET_VRING_ENABLE. Refused if enabling is not negotiated (no protocol features).</summary>
    public VhostUserResult SetQueueEnabled(int index, bool enabled) =>
        _canEnable ? OrderRing(VhostUserRequest.SET_VRING_ENABLE, index, enabled ? 1u : 0u) : VhostUserResult.Refused;

    /// <summary>GET_VRING_BASE: stops the queue and says where in the available ring it was.</summary>
    public VhostUserResult StopQueue(int index, out ushort nextAvailable)
    {
        var state = new VhostVringState { Index = (uint)index };
        VhostVringState answer = default;
        VhostUserResult result = _link.Ask(VhostUserRequest.GET_VRING_BASE, BytesOf(state), WritableBytesOf(ref answer));
        nextAvailable = (ushort)answer.Num;
        return result == VhostUserResult.Done && answer.Index != (uint)index
            ? _link.Lose($"an answer to GET_VRING_BASE for ring {answer.Index} instead of {index}")
            : result;
    }

    /// <summary>GET_CONFIG; the range ends at 256 at most. Refused without the protocol feature CONFIG.</summary>
    public VhostUserResult ReadConfig(int offset, Span<byte> destination)
    {
        const int Max = VhostUserConfigHeader.VHOST_USER_MAX_CONFIG_SIZE;
        if (!Has(VhostUserProtocolFeatures.CONFIG) || offset < 0 || destination.Length > Max - offset)
        {
            return VhostUserResult.Refused;
        }

        Span<byte> request = stackalloc byte[Unsafe.SizeOf<VhostUserConfigHeader>() + destination.Length];
        Span<byte> answer = stackalloc byte[request.Length];
        request.Clear();
        var header = new VhostUserConfigHeader { Offset = (uint)offset, Size = (uint)destination.Length };
        MemoryMarshal.Write(request, in header);
        VhostUserResult result = _link.Ask(VhostUserRequest.GET_CONFIG, request, answer, mayRefuse: true);
        if (result != VhostUserResult.Done)
        {
            return result;
        }

        VhostUserConfigHeader answered = MemoryMarshal.Read<VhostUserConfigHeader>(answer);
        if (answered.Offset != header.Offset || answered.Size != header.Size)
        {
            return _link.Lose($"an answer to GET_CONFIG for {answered.Size} bytes at {answered.Offset}, which nobody asked for");
        }

        answer[Unsafe.SizeOf<VhostUserConfigHeader>()..].CopyTo(destination);
        return VhostUserResult.Done;
    }

    /// <summary>SET_CONFIG, for a write of the guest; the range ends at 256 at most.</summary>
    public VhostUserResult WriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        const int Max = VhostUserConfigHeader.VHOST_USER_MAX_CONFIG_SIZE;
        if (!Has(VhostUserProtocolFeatures.CONFIG) || offset < 0 || source.Length > Max - offset)
        {
            return VhostUserResult.Refused;
        }

        Span<byte> request = stackalloc byte[Unsafe.SizeOf<VhostUserConfigHeader>() + source.Length];
        var header = new VhostUserConfigHeader
        {
            Offset = (uint)offset,
            Size = (uint)source.Length,
            Flags = VhostUserConfigHeader.VHOST_SET_CONFIG_TYPE_FRONTEND,
        };
        MemoryMarshal.Write(request, in header);
        source.CopyTo(request[Unsafe.SizeOf<VhostUserConfigHeader>()..]);
        return _link.Order(VhostUserRequest.SET_CONFIG, request);
    }

    /// <summary>GET_SHMEM_CONFIG: the sizes of the device's shared memory regions. Refused without the protocol feature SHMEM.</summary>
    public VhostUserResult GetSharedMemory(out VhostUserShMemConfig config)
    {
        config = default;
        return Has(VhostUserProtocolFeatures.SHMEM)
            ? _link.Ask(VhostUserRequest.GET_SHMEM_CONFIG, [], WritableBytesOf(ref config))
            : VhostUserResult.Refused;
    }

    /// <summary>SET_STATUS. Without the protocol feature STATUS there is nothing to do, and it is Done.</summary>
    public VhostUserResult SetStatus(VirtioStatus status) =>
        Has(VhostUserProtocolFeatures.STATUS) ? Order(VhostUserRequest.SET_STATUS, (ulong)status) : VhostUserResult.Done;

    /// <summary>GET_STATUS. Refused without the protocol feature STATUS.</summary>
    public VhostUserResult GetStatus(out VirtioStatus status)
    {
        status = VirtioStatus.None;
        if (!Has(VhostUserProtocolFeatures.STATUS))
        {
            return VhostUserResult.Refused;
        }

        VhostUserResult result = Ask(VhostUserRequest.GET_STATUS, out ulong value);
        status = (VirtioStatus)(byte)value;
        return result;
    }

    /// <summary>
    /// RESET_DEVICE where it is negotiated, else status 0 where that is; else nothing, because stopped queues are
    /// all that older back ends know of a reset (RESET_OWNER means different things to different ones). Stop the
    /// queues before.
    /// </summary>
    public VhostUserResult ResetDevice() => Has(VhostUserProtocolFeatures.RESET_DEVICE)
        ? _link.Order(VhostUserRequest.RESET_DEVICE, [])
        : SetStatus(VirtioStatus.None);

    /// <summary>GET_INFLIGHT_FD: has the back end make a table in which it records the requests that it works on.</summary>
    /// <param name="queues">Number of queues.</param>
    /// <param name="queueSize">Their size.</param>
    /// <param name="table">To be kept, given back by <see cref="SetInflight"/>, and disposed by the caller.</param>
    public VhostUserResult GetInflight(int queues, int queueSize, out VhostUserInflightFile? table)
    {
        table = null;
        if (!Has(VhostUserProtocolFeatures.INFLIGHT_SHMFD))
        {
            return VhostUserResult.Refused;
        }

        var wanted = new VhostUserInflight { NumQueues = (ushort)queues, QueueSize = (ushort)queueSize };
        VhostUserInflight answer = default;
        VhostUserResult result = _link.Ask(
            VhostUserRequest.GET_INFLIGHT_FD, BytesOf(wanted), WritableBytesOf(ref answer), mayRefuse: false,
            wantsDescriptor: true, out Descriptor? file);
        if (result == VhostUserResult.Done)
        {
            table = new VhostUserInflightFile(answer, file!);
        }

        return result;
    }

    /// <summary>SET_INFLIGHT_FD: gives the table to the back end, to a new one after a crash above all. Before any queue starts.</summary>
    public VhostUserResult SetInflight(VhostUserInflightFile table) => Has(VhostUserProtocolFeatures.INFLIGHT_SHMFD)
        ? _link.Order(VhostUserRequest.SET_INFLIGHT_FD, BytesOf(table.Description), table.File)
        : VhostUserResult.Refused;

    /// <summary>
    /// Ends the connection because the back end cannot be used, from any thread. The loop hears of it by
    /// <see cref="IVhostUserFrontEndEvents.ConnectionLost"/>, with this reason unless there was one before.
    /// </summary>
    public void Abandon(string reason) => _ = _link.Lose(reason);

    /// <summary>Closes the connection; no callback comes from then on. On the loop's thread.</summary>
    public void Dispose()
    {
        _hangup.Dispose();
        _requests.Dispose();
        _link.Dispose();
        _memory.Dispose();
        _backEndSide?.Dispose();
    }

    private VhostUserResult NegotiateProtocol(VhostUserProtocolFeatures wanted)
    {
        VhostUserResult result = Ask(VhostUserRequest.GET_PROTOCOL_FEATURES, out ulong offered);
        if (result != VhostUserResult.Done)
        {
            return result;
        }

        VhostUserProtocolFeatures common = (VhostUserProtocolFeatures)offered & wanted;
        result = Order(VhostUserRequest.SET_PROTOCOL_FEATURES, (ulong)common);
        if (result != VhostUserResult.Done)
        {
            return result;
        }

        ProtocolFeatures = common;
        _link.AcknowledgesAll = Has(VhostUserProtocolFeatures.REPLY_ACK);
        _requests.Acknowledges = _link.AcknowledgesAll;
        _requests.MapsSharedMemory = Has(VhostUserProtocolFeatures.SHMEM);
        if (Has(VhostUserProtocolFeatures.MQ))
        {
            result = Ask(VhostUserRequest.GET_QUEUE_NUM, out ulong queues);
            QueueCount = (int)Math.Min(queues, MaxQueues);
        }

        if (result == VhostUserResult.Done && Has(VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS))
        {
            result = Ask(VhostUserRequest.GET_MAX_MEM_SLOTS, out ulong slots);
            _memory.MaxSlots = (int)Math.Min(slots, int.MaxValue);
        }

        if (result == VhostUserResult.Done && Has(VhostUserProtocolFeatures.BACKEND_REQ) && _backEndSide is { } side)
        {
            result = _link.Order(VhostUserRequest.SET_BACKEND_REQ_FD, [], side);
            _backEndSide = null;
            side.Dispose();
        }

        return result;
    }

    /// <summary>The rings by user address; false if one is not wholly in one shared region.</summary>
    private bool TryNameRings(int index, in SplitQueueLayout layout, out VhostVringAddr addresses)
    {
        addresses = new VhostVringAddr { Index = (uint)index };
        return SplitRing.IsValidSize(layout.Size)
            && _memory.TryName(layout.DescriptorTable, SplitRing.DescriptorTableBytes(layout.Size), out addresses.Descriptor)
            && _memory.TryName(layout.AvailableRing, SplitRing.AvailableRingBytes(layout.Size), out addresses.Available)
            && _memory.TryName(layout.UsedRing, SplitRing.UsedRingBytes(layout.Size), out addresses.Used);
    }

    private VhostUserResult SetLine(VhostUserRequest request, int index, EventFd? line) => line is null
        ? Order(request, (ulong)index | VringDescriptorFlags.VHOST_USER_VRING_NOFD_MASK)
        : _link.Order(request, BytesOf((ulong)index), line);

    private VhostUserResult OrderRing(VhostUserRequest request, int index, uint number) =>
        Order(request, new VhostVringState { Index = (uint)index, Num = number });

    private VhostUserResult Order<T>(VhostUserRequest request, T payload)
        where T : unmanaged => _link.Order(request, BytesOf(payload));

    private VhostUserResult Ask(VhostUserRequest request, out ulong answer)
    {
        answer = 0;
        return _link.Ask(request, [], WritableBytesOf(ref answer));
    }

    private bool Has(VhostUserProtocolFeatures features) => (ProtocolFeatures & features) == features;

    private void OnHangup(Readiness readiness)
    {
        _hangup.Dispose();
        _ = _link.Lose("the back end closed the connection");
        _events.ConnectionLost(_link.LostReason!);
    }

    private static ReadOnlySpan<byte> BytesOf<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    private static Span<byte> WritableBytesOf<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref value));
}
