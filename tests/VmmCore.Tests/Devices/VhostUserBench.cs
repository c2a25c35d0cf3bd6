using System.Diagnostics;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.Devices;
using SplitVmm.VmmCore.SharedMemory;
using SplitVmm.VmmCore.Tests.Pci;
using SplitVmm.VmmCore.Tests.SharedMemory;
using SplitVmm.VmmCore.Tests.VirtioPci;

namespace SplitVmm.VmmCore.Tests.Devices;

/// <summary>
/// A vhost-user device on the PCI bus, its back end on a thread of its own at the other end of a socket pair, and
/// a driver. The test's thread is vCPU and event loop of the machine in one.
/// </summary>
internal sealed class VhostUserBench : IDisposable
{
    private EventLoop _backEndLoop = null!;
    private Thread _thread = null!;
    private VhostUserBackEnd _backEnd = null!;

    public VhostUserBench(EchoDevice echo, VhostUserDeviceOptions options)
    {
        UnixSocket front = StartBackEnd(echo);
        try
        {
            Device = VhostUserDevice.Open(options, front, Memory.Memory, Loop);
        }
        catch
        {
            StopBackEnd();
            throw;
        }

        Device.ConnectionLost += (_, reason) => LostReason = reason;
        Device.Reconnected += _ => Reconnections++;
        Device.Refused += (_, refusal) => Refusals.Add(refusal);
        if (Device.SharedMemory is { } region)
        {
            Device.Window = new SharedMemoryWindow(Slot, region.Id, region.Size);
        }

        Driver = new VirtioDriver(Pci, Pci.Topology.Add(Device, Device.Window?.Region));
    }

    public EventLoop Loop { get; } = new();

    public DriverMemory Memory { get; } = new(1 << 20);

    public PciBench Pci { get; } = new();

    public VhostUserDevice Device { get; }

    public VirtioDriver Driver { get; }

    /// <summary>Where the device's window is, if it has one.</summary>
    public FakeSlot Slot { get; } = new();

    public List<string> Refusals { get; } = [];

    public string? LostReason { get; private set; }

    public int Reconnections { get; private set; }

    public DriverQueue Queue { get; private set; } = null!;

    public void Start(ulong features)
    {
        Queue = new DriverQueue(Memory, 64, features);
        Driver.Negotiate(features);
        Driver.SetQueue(0, Queue.Layout, vector: 1);
        Driver.SetDriverOk();
    }

    public void NotifyConfigChanged() => OnBackEnd(_backEnd.NotifyConfigChanged);

    /// <summary>Runs something between two steps of the back end.</summary>
    public void OnBackEnd(Action action)
    {
        var done = new TaskCompletionSource();
        _backEndLoop.Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception exception)
            {
                // A failed assertion belongs to the test's thread.
                done.SetException(exception);
            }
        });
        done.Task.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
    }

    /// <summary>Has the back end do something that the machine must answer.</summary>
    public bool Ask(Func<VhostUserBackEnd, bool> request)
    {
        bool? answer = null;
        _backEndLoop.Post(() => answer = request(_backEnd));
        // Each of many requests is a turn of the loop: what counts is the time.
        var clock = Stopwatch.StartNew();
        while (answer is null && clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            _ = Loop.RunOnce(10);
        }

        Xunit.Assert.NotNull(answer);
        return answer.Value;
    }

    /// <summary>The back end's process dies: its connection ends, and it does nothing more to the rings.</summary>
    public void StopBackEnd()
    {
        _backEndLoop.Stop();
        _thread.Join();
        _backEnd.Dispose();
        _backEndLoop.Dispose();
    }

    /// <summary>The back end dies, and the machine has noticed.</summary>
    public void LoseBackEnd()
    {
        LostReason = null;
        StopBackEnd();
        Xunit.Assert.True(WaitFor(() => LostReason is not null));
    }

    /// <summary>Another process takes the back end's place.</summary>
    public void Reconnect(EchoDevice echo) => Device.Reconnect(StartBackEnd(echo));

    /// <summary>Another process takes the back end's place, and has taken over.</summary>
    public void ReconnectAndWait(EchoDevice echo)
    {
        int before = Reconnections;
        Reconnect(echo);
        Xunit.Assert.True(WaitFor(() => Reconnections > before), LostReason);
    }

    /// <summary>Sends a request of one byte, to be echoed; returns where the answer will be.</summary>
    public ulong Send(byte value)
    {
        ulong request = Memory.Allocate([value]);
        ulong answer = Memory.Allocate(1);
        Queue.Offer(DriverBuffer.Readable(request, 1), DriverBuffer.Writable(answer, 1));
        Driver.Kick(0);
        return answer;
    }

    public bool WaitFor(Func<bool> condition)
    {
        for (int i = 0; i < 1000; i++)
        {
            if (condition())
            {
                return true;
            }

            _ = Loop.RunOnce(10);
        }

        return false;
    }

    public void Dispose()
    {
        Pci.Dispose();
        if (_thread.IsAlive)
        {
            StopBackEnd();
        }

        Loop.Dispose();
        Memory.Dispose();
    }

    private UnixSocket StartBackEnd(EchoDevice echo)
    {
        (UnixSocket front, UnixSocket back) = UnixSocket.CreateStreamPair();
        _backEndLoop = new EventLoop();
        _backEnd = new VhostUserBackEnd(_backEndLoop, echo);
        _backEnd.Serve(back);
        _thread = new Thread(_backEndLoop.Run) { IsBackground = true };
        _thread.Start();
        return front;
    }
}
