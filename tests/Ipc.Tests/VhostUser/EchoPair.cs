using SplitVmm.Ipc.Tests.Wires;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>An echo device behind our back end, our front end before it, and a driver with guest memory.</summary>
internal sealed class EchoPair : IVhostUserFrontEndEvents, IDisposable
{
    public const ulong Features =
        VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_INDIRECT_DESC;

    public EchoPair()
    {
        BackEnd = new BackEndThread(Device);
        FrontEnd = new VhostUserFrontEnd(BackEnd.Connect(), Loop, this, TimeSpan.FromSeconds(5));
    }

    public EchoDevice Device { get; } = new();

    public BackEndThread BackEnd { get; }

    public EventLoop Loop { get; } = new();

    public VhostUserFrontEnd FrontEnd { get; }

    public DriverMemory Memory { get; } = new(1 << 20);

    public int ConfigChanges { get; private set; }

    public string? Lost { get; private set; }

    public void ConfigChanged() => ConfigChanges++;

    public void ConnectionLost(string reason) => Lost = reason;

    /// <summary>Everything up to the first queue.</summary>
    public void Prepare()
    {
        Assert.Equal(VhostUserResult.Done, FrontEnd.Negotiate());
        Assert.Equal(VhostUserResult.Done, FrontEnd.SetFeatures(Features));
        Assert.Equal(VhostUserResult.Done, FrontEnd.SetMemory(Memory.Memory));
    }

    /// <summary>A started queue of a prepared device.</summary>
    public DriverSide StartQueue(int index, int size = 16)
    {
        var side = new DriverSide(new DriverQueue(Memory, size, Features), EventFd.Create(), EventFd.Create());
        VhostUserQueueSetup setup = new(side.Queue.Layout, 0, side.Kick, side.Call);
        Assert.Equal(VhostUserResult.Done, FrontEnd.StartQueue(index, setup));
        return side;
    }

    /// <summary>Sends bytes through a queue and gives back what the device answered.</summary>
    public byte[] Echo(DriverSide side, ReadOnlySpan<byte> bytes)
    {
        ulong source = Memory.Allocate(bytes);
        ulong target = Memory.Allocate(bytes.Length);
        _ = side.Queue.ArmInterrupt();
        ushort head = side.Queue.Offer(
            DriverBuffer.Readable(source, bytes.Length), DriverBuffer.Writable(target, bytes.Length));
        if (side.Queue.TakeKick())
        {
            _ = side.Kick.Signal();
        }

        Assert.True(Poll.WaitUntil(side.Call, Readiness.In, Deadlines.In(TimeSpan.FromSeconds(10))), "no interrupt");
        _ = side.Call.TryDrain(out _);
        Assert.True(side.Queue.TryCollect(out ushort used, out uint written), "an interrupt without a used buffer");
        Assert.Equal(head, used);
        return Memory.Span(target, (int)written).ToArray();
    }

    public bool RunUntil(Func<bool> condition) => Loop.RunUntil(condition);

    public void Dispose()
    {
        FrontEnd.Dispose();
        BackEnd.Dispose();
        Loop.Dispose();
        Memory.Dispose();
    }

    /// <summary>The driver's side of a queue and its two lines.</summary>
    internal sealed record DriverSide(DriverQueue Queue, EventFd Kick, EventFd Call) : IDisposable
    {
        public void Dispose()
        {
            Kick.Dispose();
            Call.Dispose();
        }
    }
}
