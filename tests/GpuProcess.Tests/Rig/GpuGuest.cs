using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>
/// A guest with a virtio-gpu driver, in front of a back end in this process or another: guest memory, the front
/// end of vhost-user, both queues, and the driver's bookkeeping.
/// </summary>
internal sealed class GpuGuest : IVhostUserFrontEndEvents, IDisposable
{
    public const ulong DefaultFeatures =
        VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_INDIRECT_DESC
        | VirtioGpuFeatures.VIRTIO_GPU_F_EDID | VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_UUID;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly EventLoop _loop = new();
    private readonly bool _keepsInflight;
    private ulong _features;
    private VhostUserInflightFile? _inflight;

    /// <param name="socket">Leads to the back end; owned from here on.</param>
    /// <param name="keepsInflight">Whether to keep the in-flight table, for <see cref="Reconnect"/>.</param>
    public GpuGuest(UnixSocket socket, int memoryBytes = 64 << 20, bool keepsInflight = false)
    {
        _keepsInflight = keepsInflight;
        Memory = new DriverMemory(memoryBytes);
        FrontEnd = new VhostUserFrontEnd(socket, _loop, this, s_patience);
        Negotiate();
    }

    public VhostUserFrontEnd FrontEnd { get; private set; }

    public DriverMemory Memory { get; }

    public GuestQueue Control { get; private set; } = null!;

    public GuestQueue Cursor { get; private set; } = null!;

    public int ConfigChanges { get; private set; }

    public string? Lost { get; private set; }

    /// <summary>Carries SHMEM_MAP out, and SHMEM_UNMAP, where there is no file; null: both are refused.</summary>
    public Func<VhostUserMMap, Descriptor?, bool>? OnMap { get; set; }

    /// <summary>What a driver does at start: features, memory, queues.</summary>
    /// <param name="extra">Feature bits beyond <see cref="DefaultFeatures"/>.</param>
    public void Start(ulong extra = 0, int queueSize = 256) =>
        StartWith((DefaultFeatures | extra) & FrontEnd.OfferedFeatures, queueSize);

    /// <summary>The same, with exactly these features.</summary>
    public void StartWith(ulong features, int queueSize = 256)
    {
        _features = features;
        Require(FrontEnd.SetFeatures(_features));
        Require(FrontEnd.SetMemory(Memory.Memory));
        if (_keepsInflight && _inflight is null)
        {
            Require(FrontEnd.GetInflight(2, queueSize, out _inflight));
        }

        if (_inflight is not null)
        {
            Require(FrontEnd.SetInflight(_inflight));
        }

        Control = StartQueue(0, queueSize);
        Cursor = StartQueue(1, 16);
    }

    /// <summary>
    /// What a monitor does when the back end has died and there is another: the guest does not notice. Requests
    /// that the former one had are in the in-flight table.
    /// </summary>
    /// <param name="socket">Leads to the new back end; owned from here on.</param>
    /// <param name="patience">The longest that the back end may take for one message.</param>
    public void Reconnect(UnixSocket socket, TimeSpan? patience = null)
    {
        FrontEnd.Dispose();
        FrontEnd = new VhostUserFrontEnd(socket, _loop, this, patience ?? s_patience);
        // On a thread of its own, as in vmm-core: the new back end may ask for mappings meanwhile.
        var exchange = Task.Run(() =>
        {
            Negotiate();
            Require(FrontEnd.SetFeatures(_features));
            Require(FrontEnd.SetMemory(Memory.Memory));
            Require(FrontEnd.SetInflight(_inflight!));
            StartQueue(0, Control);
            StartQueue(1, Cursor);
        });
        while (!exchange.IsCompleted)
        {
            _ = _loop.RunOnce(2);
        }

        exchange.GetAwaiter().GetResult();
        // Interrupts of the former one may have been lost.
        _ = Control.Call.Signal();
        _ = Cursor.Call.Signal();
    }

    /// <summary>What happens when the guest reboots: queues stop, the device is reset, and all starts anew.</summary>
    public void Reboot(ulong extra = 0)
    {
        StopQueues();
        Require(FrontEnd.ResetDevice());
        Start(extra);
    }

    public void StopQueues()
    {
        Require(FrontEnd.StopQueue(0, out _));
        Require(FrontEnd.StopQueue(1, out _));
        Control.Dispose();
        Cursor.Dispose();
    }

    /// <summary>Sends a request on the control queue and waits for its response.</summary>
    /// <param name="tail">Bytes behind the structure.</param>
    /// <returns>The response's bytes.</returns>
    public byte[] Send<T>(in T request, int responseSize, ReadOnlySpan<byte> tail = default)
        where T : unmanaged
    {
        Pending pending = Control.Offer(Bytes(request, tail), responseSize);
        return Control.Wait(pending, s_patience);
    }

    /// <summary>Sends a request whose response is a bare header.</summary>
    public VirtioGpuCtrlHdr Send<T>(in T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged
    {
        byte[] response = Send(request, Unsafe.SizeOf<VirtioGpuCtrlHdr>(), tail);
        Assert.Equal(Unsafe.SizeOf<VirtioGpuCtrlHdr>(), response.Length);
        return MemoryMarshal.Read<VirtioGpuCtrlHdr>(response);
    }

    /// <summary>Sends a request with a structure for a response.</summary>
    public TResponse Ask<TRequest, TResponse>(in TRequest request)
        where TRequest : unmanaged
        where TResponse : unmanaged
    {
        byte[] response = Send(request, Unsafe.SizeOf<TResponse>());
        Assert.Equal(Unsafe.SizeOf<TResponse>(), response.Length);
        return MemoryMarshal.Read<TResponse>(response);
    }

    /// <summary>Sends a request that must succeed without data.</summary>
    public void Do<T>(in T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged => Assert.Equal(VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA, Send(request, tail).Type);

    /// <summary>Sends a request that must fail in a certain way.</summary>
    public void Fail<T>(VirtioGpuCtrlType error, in T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged => Assert.Equal(error, Send(request, tail).Type);

    /// <summary>Sends a cursor command and waits until it is used.</summary>
    public VirtioGpuCtrlType SendCursor(in VirtioGpuUpdateCursor request)
    {
        byte[] response = Cursor.Wait(Cursor.Offer(Bytes(request, default), Unsafe.SizeOf<VirtioGpuCtrlHdr>()), s_patience);
        return MemoryMarshal.Read<VirtioGpuCtrlHdr>(response).Type;
    }

    public VirtioGpuConfig ReadConfig()
    {
        VirtioGpuConfig config = default;
        Require(FrontEnd.ReadConfig(0, MemoryMarshal.AsBytes(new Span<VirtioGpuConfig>(ref config))[..16]));
        return config;
    }

    /// <summary>Lets configuration changes arrive; false if the condition does not come to hold.</summary>
    public bool RunUntil(Func<bool> condition)
    {
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            _ = _loop.RunOnce(20);
        }

        return true;
    }

    public void ConfigChanged() => ConfigChanges++;

    public bool MapSharedMemory(in VhostUserMMap range, Descriptor file) => OnMap?.Invoke(range, file) ?? false;

    public bool UnmapSharedMemory(in VhostUserMMap range) => OnMap?.Invoke(range, null) ?? false;

    /// <summary>Sends a request during which the back end may send some of its own.</summary>
    public byte[] SendServing<T>(in T request, int responseSize)
        where T : unmanaged
    {
        Pending pending = Control.Offer(Bytes(request, default), responseSize);
        byte[]? response = null;
        Assert.True(RunUntil(() => Control.TryWait(pending, TimeSpan.FromMilliseconds(1), out response)), "no answer");
        return response!;
    }

    public void ConnectionLost(string reason) => Lost = reason;

    public void Dispose()
    {
        FrontEnd.Dispose();
        Control?.Dispose();
        Cursor?.Dispose();
        _inflight?.Dispose();
        _loop.Dispose();
        Memory.Dispose();
    }

    internal static byte[] Bytes<T>(in T request, ReadOnlySpan<byte> tail)
        where T : unmanaged => [.. MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in request)), .. tail];

    private GuestQueue StartQueue(int index, int size)
    {
        var queue = new GuestQueue(Memory, new DriverQueue(Memory, size, _features));
        StartQueue(index, queue);
        return queue;
    }

    private void StartQueue(int index, GuestQueue queue) =>
        Require(FrontEnd.StartQueue(index, new VhostUserQueueSetup(queue.Ring.Layout, queue.Ring.UsedIndex, queue.Kick, queue.Call)));

    private void Negotiate() => Require(FrontEnd.Negotiate(
        VhostUserFrontEnd.DefaultProtocolFeatures | VhostUserProtocolFeatures.SHMEM | (_keepsInflight ? VhostUserProtocolFeatures.INFLIGHT_SHMFD : 0)));

    private void Require(VhostUserResult result) => Assert.True(result == VhostUserResult.Done, $"{result}: {FrontEnd.LostReason}");
}
