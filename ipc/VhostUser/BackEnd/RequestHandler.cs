using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VhostUser.Transport;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>Carries out requests whose form was checked: decodes the payload, acts on the device, makes the answer.</summary>
internal sealed class RequestHandler(BackEndDevice device)
{
    private readonly byte[] _reply = new byte[VhostUserMessage.MaxPayload];

    public RequestOutcome Carry(VhostUserRequest request, VhostUserMessage message) => request switch
    {
        VhostUserRequest.GET_FEATURES => Answer(device.OfferedFeatures),
        VhostUserRequest.SET_FEATURES => RequestOutcome.From(device.SetFeatures(message.Read<ulong>())),
        VhostUserRequest.GET_PROTOCOL_FEATURES => Answer((ulong)device.OfferedProtocolFeatures),
        VhostUserRequest.SET_PROTOCOL_FEATURES => RequestOutcome.From(device.SetProtocolFeatures(message.Read<ulong>())),
        VhostUserRequest.SET_OWNER => RequestOutcome.Done,
        VhostUserRequest.RESET_OWNER => ResetOwner(),
        VhostUserRequest.RESET_DEVICE => ResetDevice(),
        VhostUserRequest.SET_STATUS => SetStatus(message.Read<ulong>()),
        VhostUserRequest.GET_STATUS => Answer((ulong)device.Status),
        VhostUserRequest.SET_MEM_TABLE => SetMemoryTable(message),
        VhostUserRequest.GET_MAX_MEM_SLOTS => Answer((ulong)MemoryTable.MaxSlots),
        VhostUserRequest.ADD_MEM_REG => RequestOutcome.From(
            device.AddMemory(message.Read<VhostUserSingleMemoryRegion>().Region, message.Descriptors[0])),
        VhostUserRequest.REM_MEM_REG => RequestOutcome.From(
            device.RemoveMemory(message.Read<VhostUserSingleMemoryRegion>().Region)),
        VhostUserRequest.GET_QUEUE_NUM => Answer((ulong)device.Vrings.Length),
        VhostUserRequest.SET_VRING_NUM => SetVringNum(message.Read<VhostVringState>()),
        VhostUserRequest.SET_VRING_BASE => SetVringBase(message.Read<VhostVringState>()),
        VhostUserRequest.SET_VRING_ADDR => SetVringAddr(message.Read<VhostVringAddr>()),
        VhostUserRequest.GET_VRING_BASE => GetVringBase(message.Read<VhostVringState>()),
        VhostUserRequest.SET_VRING_ENABLE => SetVringEnable(message.Read<VhostVringState>()),
        VhostUserRequest.SET_VRING_KICK => SetVringDescriptor(request, message),
        VhostUserRequest.SET_VRING_CALL => SetVringDescriptor(request, message),
        VhostUserRequest.SET_VRING_ERR => SetVringDescriptor(request, message),
        VhostUserRequest.SET_BACKEND_REQ_FD => SetBackEndChannel(message),
        VhostUserRequest.GET_CONFIG => GetConfig(message),
        VhostUserRequest.SET_CONFIG => SetConfig(message),
        VhostUserRequest.GET_INFLIGHT_FD => GetInflight(message.Read<VhostUserInflight>()),
        VhostUserRequest.SET_INFLIGHT_FD => RequestOutcome.From(
            device.SetInflight(message.Read<VhostUserInflight>(), message.Descriptors[0])),
        VhostUserRequest.GET_SHMEM_CONFIG => Answer(device.DescribeSharedMemory()),
        _ => RequestOutcome.Refused("not known to this back end"),
    };

    private RequestOutcome ResetOwner()
    {
        // Deprecated; "it is recommended that back-ends either ignore this message, or use it to disable all rings".
        foreach (Vring vring in device.Vrings)
        {
            device.Enable(vring, false);
        }

        return RequestOutcome.Done;
    }

    private RequestOutcome ResetDevice()
    {
        device.Reset();
        return RequestOutcome.Done;
    }

    private RequestOutcome SetStatus(ulong status)
    {
        if (status > byte.MaxValue)
        {
            return RequestOutcome.Refused($"0x{status:x} is no device status");
        }

        device.SetStatus((VirtioStatus)status);
        return RequestOutcome.Done;
    }

    private RequestOutcome SetMemoryTable(VhostUserMessage message)
    {
        int count = message.Descriptors.Count;
        if (message.Read<VhostUserMemoryHeader>().NumRegions != (uint)count)
        {
            return RequestOutcome.Fatal($"{count} descriptors for {message.Read<VhostUserMemoryHeader>().NumRegions} regions");
        }

        ReadOnlySpan<byte> rest = message.Payload[Unsafe.SizeOf<VhostUserMemoryHeader>()..];
        int wanted = count * Unsafe.SizeOf<VhostUserMemoryRegion>();
        if (rest.Length < wanted)
        {
            return RequestOutcome.Fatal($"{rest.Length} bytes of regions instead of {wanted}");
        }

        ReadOnlySpan<VhostUserMemoryRegion> regions = MemoryMarshal.Cast<byte, VhostUserMemoryRegion>(rest[..wanted]);
        return RequestOutcome.From(device.SetMemory(regions, message.Descriptors));
    }

    private RequestOutcome SetVringNum(VhostVringState state)
    {
        if (!TryFind(state.Index, out Vring vring))
        {
            return NoSuchRing(state.Index);
        }

        if (vring.Queue is not null)
        {
            return RequestOutcome.Refused($"ring {state.Index} is started");
        }

        if (state.Num > (uint)device.MaxQueueSize || !SplitRing.IsValidSize((int)state.Num))
        {
            return RequestOutcome.Refused($"ring {state.Index}: size {state.Num}, not a power of two up to {device.MaxQueueSize}");
        }

        vring.Size = (int)state.Num;
        return RequestOutcome.From(device.StartIfReady(vring));
    }

    private RequestOutcome SetVringBase(VhostVringState state)
    {
        if (!TryFind(state.Index, out Vring vring))
        {
            return NoSuchRing(state.Index);
        }

        if (vring.Queue is not null || state.Num > ushort.MaxValue)
        {
            return RequestOutcome.Refused($"ring {state.Index}: base {state.Num} of a ring that is started, or no 16-bit number");
        }

        vring.Base = (ushort)state.Num;
        return RequestOutcome.Done;
    }

    private RequestOutcome SetVringAddr(in VhostVringAddr addresses)
    {
        if (!TryFind(addresses.Index, out Vring vring))
        {
            return NoSuchRing(addresses.Index);
        }

        return RequestOutcome.From(vring.TrySetAddresses(addresses, device.Memory) ?? device.StartIfReady(vring));
    }

    private RequestOutcome GetVringBase(VhostVringState state)
    {
        if (!TryFind(state.Index, out Vring vring))
        {
            return NoSuchRing(state.Index);
        }

        device.Stop(vring);
        return Answer(new VhostVringState { Index = state.Index, Num = vring.Base });
    }

    private RequestOutcome SetVringEnable(VhostVringState state)
    {
        if (!TryFind(state.Index, out Vring vring))
        {
            return NoSuchRing(state.Index);
        }

        if (state.Num > 1)
        {
            return RequestOutcome.Refused($"ring {state.Index}: enable {state.Num}");
        }

        device.Enable(vring, state.Num == 1);
        return RequestOutcome.Done;
    }

    private RequestOutcome SetVringDescriptor(VhostUserRequest request, VhostUserMessage message)
    {
        ulong payload = message.Read<ulong>();
        ulong index = payload & VringDescriptorFlags.VHOST_USER_VRING_IDX_MASK;
        bool none = (payload & VringDescriptorFlags.VHOST_USER_VRING_NOFD_MASK) != 0;
        if (none == (message.Descriptors.Count != 0))
        {
            return RequestOutcome.Fatal($"{message.Descriptors.Count} descriptors where the payload says {(none ? "none" : "one")}");
        }

        if (!TryFind(index, out Vring vring))
        {
            return NoSuchRing(index);
        }

        _ = message.TryTakeDescriptor(out Descriptor? descriptor);
        switch (request)
        {
            case VhostUserRequest.SET_VRING_KICK:
                return RequestOutcome.From(vring.TrySetKick(descriptor) ?? device.StartIfReady(vring));
            case VhostUserRequest.SET_VRING_CALL:
                vring.SetCall(descriptor);
                return RequestOutcome.Done;
            default:
                vring.SetError(descriptor);
                return RequestOutcome.Done;
        }
    }

    private RequestOutcome SetBackEndChannel(VhostUserMessage message)
    {
        bool isSocket = FileFacts.TryGet(message.Descriptors[0], out FileFacts facts) && facts.IsSocket;
        if (!isSocket || !message.TryTakeDescriptor(out Descriptor? descriptor))
        {
            return RequestOutcome.Refused("the back-end request channel is not a socket");
        }

        device.SetBackEndChannel(UnixSocket.Adopt(descriptor));
        return RequestOutcome.Done;
    }

    private RequestOutcome GetConfig(VhostUserMessage message)
    {
        VhostUserConfigHeader header = message.Read<VhostUserConfigHeader>();
        const uint Max = VhostUserConfigHeader.VHOST_USER_MAX_CONFIG_SIZE;
        if (header.Size == 0 || header.Size > Max || header.Offset > Max - header.Size)
        {
            return RequestOutcome.RefusedByEmptyAnswer($"{header.Size} bytes at {header.Offset} of the configuration space");
        }

        int prefix = Unsafe.SizeOf<VhostUserConfigHeader>();
        MemoryMarshal.Write(_reply, in header);
        device.ReadConfig((int)header.Offset, _reply.AsSpan(prefix, (int)header.Size));
        return RequestOutcome.Answer(_reply.AsMemory(0, prefix + (int)header.Size));
    }

    private RequestOutcome SetConfig(VhostUserMessage message)
    {
        VhostUserConfigHeader header = message.Read<VhostUserConfigHeader>();
        ReadOnlySpan<byte> bytes = message.Payload[Unsafe.SizeOf<VhostUserConfigHeader>()..];
        if (header.Size != (uint)bytes.Length)
        {
            return RequestOutcome.Fatal($"{bytes.Length} bytes of configuration where the payload says {header.Size}");
        }

        // A restore after migration (the other value of the flags) is not something these devices take part in.
        return header.Flags == VhostUserConfigHeader.VHOST_SET_CONFIG_TYPE_FRONTEND
            ? RequestOutcome.From(device.WriteConfig(header.Offset, bytes))
            : RequestOutcome.Refused($"configuration flags {header.Flags}");
    }

    private RequestOutcome GetInflight(VhostUserInflight wanted)
    {
        if (wanted.NumQueues == 0 || wanted.NumQueues > device.Vrings.Length || !SplitRing.IsValidSize(wanted.QueueSize)
            || wanted.QueueSize > device.MaxQueueSize)
        {
            return RequestOutcome.Refused($"an in-flight table for {wanted.NumQueues} queues of {wanted.QueueSize}");
        }

        try
        {
            MemFd file = InflightTable.CreateFile(wanted.NumQueues, wanted.QueueSize, out ulong bytes);
            wanted.MmapSize = bytes;
            wanted.MmapOffset = 0;
            return Answer(wanted, file);
        }
        catch (ErrnoException exception)
        {
            return RequestOutcome.Refused(exception.Message);
        }
    }

    private RequestOutcome Answer<T>(T payload, Descriptor? descriptor = null)
        where T : unmanaged
    {
        MemoryMarshal.Write(_reply, in payload);
        return RequestOutcome.Answer(_reply.AsMemory(0, Unsafe.SizeOf<T>()), descriptor);
    }

    private bool TryFind(ulong index, out Vring vring)
    {
        bool known = index < (ulong)device.Vrings.Length;
        vring = known ? device.Vrings[index] : null!;
        return known;
    }

    private static RequestOutcome NoSuchRing(ulong index) => RequestOutcome.Refused($"there is no ring {index}");
}
