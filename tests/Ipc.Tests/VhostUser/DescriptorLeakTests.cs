using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Counts the descriptors of the whole process, so it runs when nothing else does.</summary>
[CollectionDefinition(nameof(DescriptorLeakTests), DisableParallelization = true)]
[Collection(nameof(DescriptorLeakTests))]
[Trait("Tier", Tiers.Unit)]
public sealed class DescriptorLeakTests
{
    private const int Rounds = 20;

    [Fact]
    public void WholeSessions_LeaveNoDescriptor() => AssertNoLeak(() =>
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide first = pair.StartQueue(0);
        using EchoPair.DriverSide second = pair.StartQueue(1);
        _ = pair.Echo(first, [1]);
        using EventFd other = EventFd.Create();
        _ = pair.FrontEnd.SetCall(0, other);
        _ = pair.FrontEnd.SetCall(0, null);
        _ = pair.FrontEnd.SetError(0, other);
        _ = pair.FrontEnd.StopQueue(1, out _);
    });

    [Fact]
    public void RefusedAndBrokenMessages_LeaveNoDescriptor() => AssertNoLeak(() =>
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using MemFd file = MemFd.Create("leak", 4096, Seals.None);
        using EventFd line = EventFd.Create();
        var random = new Random(99);
        for (int i = 0; i < 60; i++)
        {
            using var peer = new RawPeer(backEnd.Connect());
            peer.Negotiate();
            // Every request there is, with descriptors that belong there or not, some of them twice.
            var request = (VhostUserRequest)(i % 45);
            Descriptor[] sent = new Descriptor[random.Next(1, 12)];
            Array.Fill(sent, random.Next(2) == 0 ? file : line);
            byte[] payload = new byte[random.Next(4) * 8];
            peer.Send((uint)request, RawPeer.Version | (random.Next(2) == 0 ? RawPeer.NeedReply : 0), payload, sent);
            // The connection may be closed by now: what was sent and never received must not stay open either.
            _ = peer.Socket.Send(new byte[12], [line], out _);
            peer.Dispose();
            _ = backEnd.WaitForDisconnection(i + 1);
        }
    });

    [Fact]
    public void FrontEnd_WithAWrongBackEnd_LeavesNoDescriptor() => AssertNoLeak(() =>
    {
        using var loop = new EventLoop();
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        using var backEnd = new RawPeer(theirs);
        using EventFd line = EventFd.Create();
        backEnd.Send(1, 5, MemoryMarshal.AsBytes<ulong>([1UL << 30]), line, line);
        using var frontEnd = new VhostUserFrontEnd(
            ours, loop, new SilentEvents(), TimeSpan.FromSeconds(1));
        _ = frontEnd.Negotiate();
    });

    private static void AssertNoLeak(Action action)
    {
        // The first round opens what the runtime keeps open.
        action();
        Settle();
        int before = Count();
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        // Every round does the same, so a leak is one descriptor a round at least; the runtime and what other tests
        // left running may open a few. No collection before the count: finalizers would hide a leak.
        Assert.InRange(Count(), 0, before + (Rounds / 2));
    }

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
