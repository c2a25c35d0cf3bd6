using System.Diagnostics;
using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Ipc.Tests.Wires;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>What a back end that was taken over can do to the front end: lose the connection, and no more.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class FrontEndHostileTests : IVhostUserFrontEndEvents, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly VhostUserFrontEnd _frontEnd;
    private readonly RawPeer _backEnd;
    private string? _lost;
    private int _configChanges;

    public FrontEndHostileTests()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        _frontEnd = new VhostUserFrontEnd(ours, _loop, this, TimeSpan.FromSeconds(1));
        _backEnd = new RawPeer(theirs);
    }

    [Fact]
    public void Negotiate_SilentBackEnd_EndsAtTheDeadline()
    {
        var clock = Stopwatch.StartNew();

        Assert.Equal(VhostUserResult.Lost, _frontEnd.Negotiate());

        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 10);
        AssertLost("the back end did not answer GET_FEATURES within 1 s");
    }

    [Fact]
    public void Negotiate_ClosedBackEnd_EndsAtOnce()
    {
        _backEnd.Dispose();

        Assert.Equal(VhostUserResult.Lost, _frontEnd.Negotiate());

        Assert.NotNull(_frontEnd.LostReason);
        Assert.True(_loop.RunUntil(() => _lost is not null));
    }

    [Fact]
    public void Negotiate_AnswerByteByByteTooSlowly_EndsAtTheDeadline()
    {
        var slow = new Thread(() =>
        {
            for (int i = 0; i < 12; i++)
            {
                Thread.Sleep(200);
                if (_backEnd.Socket.Send([i switch { 0 => 1, 4 => 5, 8 => 8, _ => 0 }], [], out _) != SocketStatus.Done)
                {
                    return;
                }
            }
        });
        slow.Start();

        Assert.Equal(VhostUserResult.Lost, _frontEnd.Negotiate());

        AssertLost("the back end did not answer GET_FEATURES within 1 s");
        slow.Join();
    }

    [Theory]
    [InlineData(2, 5, 8, "message 2 (flags 0x5) instead of an answer to GET_FEATURES")]
    [InlineData(1, 1, 8, "message 1 (flags 0x1) instead of an answer to GET_FEATURES")]
    [InlineData(1, 5, 0, "an answer to GET_FEATURES of 0 bytes instead of 8")]
    [InlineData(1, 5, 16, "an answer to GET_FEATURES of 16 bytes instead of 8")]
    [InlineData(1, 6, 8, "in the answer to GET_FEATURES: version 2 in a message header, not 1")]
    [InlineData(1, 5, 4000, "in the answer to GET_FEATURES: a payload of 4000 bytes, more than any message has")]
    public void Negotiate_WrongAnswer_LosesTheConnection(uint request, uint flags, int payload, string reason)
    {
        _backEnd.Send(request, flags, new byte[payload]);

        Assert.Equal(VhostUserResult.Lost, _frontEnd.Negotiate());

        AssertLost(reason);
    }

    [Fact]
    public void Negotiate_AnswerWithDescriptors_LosesTheConnection()
    {
        using EventFd line = EventFd.Create();
        _backEnd.Send(1, 5, new byte[8], line);

        Assert.Equal(VhostUserResult.Lost, _frontEnd.Negotiate());

        AssertLost("an answer to GET_FEATURES with 1 descriptors");
    }

    [Fact]
    public void Negotiate_AnswerCutOff_LosesTheConnection()
    {
        _backEnd.SendBytes([1, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 1, 2]);
        _backEnd.Dispose();

        // The request itself may already meet the closed socket.
        Assert.Equal(VhostUserResult.Lost, _frontEnd.Negotiate());
        Assert.NotNull(_frontEnd.LostReason);
    }

    [Fact]
    public void StopQueue_AnswerForAnotherQueue_LosesTheConnection()
    {
        NegotiateWith(VhostUserProtocolFeatures.None);
        SendAnswer(VhostUserRequest.GET_VRING_BASE, new VhostVringState { Index = 1, Num = 5 });

        Assert.Equal(VhostUserResult.Lost, _frontEnd.StopQueue(0, out _));
    }

    [Fact]
    public void ReadConfig_AnswerForAnotherRange_LosesTheConnection()
    {
        NegotiateWith(VhostUserProtocolFeatures.CONFIG);
        byte[] answer = new byte[16];
        MemoryMarshal.Write(answer, new VhostUserConfigHeader { Offset = 4, Size = 4 });
        _backEnd.Send((uint)VhostUserRequest.GET_CONFIG, RawPeer.Version | RawPeer.Reply, answer);

        Assert.Equal(VhostUserResult.Lost, _frontEnd.ReadConfig(0, new byte[4]));
    }

    [Fact]
    public void ReadConfig_EmptyAnswer_IsARefusal()
    {
        NegotiateWith(VhostUserProtocolFeatures.CONFIG);
        _backEnd.Send((uint)VhostUserRequest.GET_CONFIG, RawPeer.Version | RawPeer.Reply, []);

        Assert.Equal(VhostUserResult.Refused, _frontEnd.ReadConfig(0, new byte[4]));
        Assert.Null(_frontEnd.LostReason);
    }

    [Fact]
    public void Request_BackEndThatReadsNothing_EndsAtTheDeadline()
    {
        NegotiateWith(VhostUserProtocolFeatures.None);
        VhostUserResult result = VhostUserResult.Done;
        for (int i = 0; i < 100_000 && result == VhostUserResult.Done; i++)
        {
            result = _frontEnd.SetFeatures(0);
        }

        Assert.Equal(VhostUserResult.Lost, result);
        AssertLost("the back end did not take SET_FEATURES within 1 s");
    }

    [Fact]
    public void Requests_FromSeveralThreads_TakeTurns()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        int wrong = 0;

        Parallel.For(0, 4, thread =>
        {
            byte[] config = new byte[1];
            for (int i = 0; i < 200; i++)
            {
                bool right = pair.FrontEnd.ReadConfig(thread, config) == VhostUserResult.Done && config[0] == thread + 1;
                _ = right ? 0 : Interlocked.Increment(ref wrong);
            }
        });

        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Dispose_WhileARequestWaits_DoesNotWaitForTheDeadline()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        var frontEnd = new VhostUserFrontEnd(ours, _loop, this, TimeSpan.FromMinutes(5));
        VhostUserResult result = VhostUserResult.Done;
        var asker = new Thread(() => result = frontEnd.Negotiate());
        asker.Start();
        using var backEnd = new RawPeer(theirs);
        Assert.Equal((uint)VhostUserRequest.GET_FEATURES, backEnd.Receive().Header.Request);

        frontEnd.Dispose();

        Assert.True(asker.Join(TimeSpan.FromSeconds(10)));
        Assert.Equal(VhostUserResult.Lost, result);
        Assert.Null(_lost);
    }

    [Theory]
    [InlineData(VhostUserBackEndRequest.IOTLB_MSG, 32)]
    [InlineData(VhostUserBackEndRequest.VRING_HOST_NOTIFIER_MSG, 24)]
    [InlineData(VhostUserBackEndRequest.SHMEM_MAP, 40)]
    [InlineData((VhostUserBackEndRequest)99, 0)]
    [InlineData(VhostUserBackEndRequest.CONFIG_CHANGE_MSG, 4)]
    public void BackEndRequest_NotServed_IsRefused(VhostUserBackEndRequest request, int payload)
    {
        using RawPeer channel = TakeChannel(VhostUserProtocolFeatures.REPLY_ACK);
        using EventFd line = EventFd.Create();

        channel.Send((uint)request, RawPeer.Version | RawPeer.NeedReply, new byte[payload], line);
        _loop.Drain();

        (VhostUserHeader header, byte[] answer) = channel.Receive();
        Assert.Equal((uint)request, header.Request);
        Assert.NotEqual(0UL, MemoryMarshal.Read<ulong>(answer));
        Assert.Equal(0, _configChanges);
        Assert.Null(_frontEnd.LostReason);
    }

    [Fact]
    public void BackEndRequest_ConfigChangeThatNeedsAReply_GetsIt()
    {
        using RawPeer channel = TakeChannel(VhostUserProtocolFeatures.REPLY_ACK);

        channel.Send((uint)VhostUserBackEndRequest.CONFIG_CHANGE_MSG, RawPeer.Version | RawPeer.NeedReply, []);
        _loop.Drain();

        Assert.Equal(0UL, MemoryMarshal.Read<ulong>(channel.Receive().Payload));
        Assert.Equal(1, _configChanges);
    }

    [Theory]
    [InlineData(2, 5, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(2, 1, 5000)]
    public void BackEndRequest_ThatIsNone_LosesTheConnection(uint request, uint flags, int payload)
    {
        using RawPeer channel = TakeChannel(VhostUserProtocolFeatures.None);

        channel.Send(request, flags, new byte[payload]);

        Assert.True(_loop.RunUntil(() => _lost is not null));
        Assert.StartsWith("on the back end's request channel: ", _lost, StringComparison.Ordinal);
    }

    [Fact]
    public void BackEndRequest_FloodThatReadsNoReplies_LosesTheConnection()
    {
        using RawPeer channel = TakeChannel(VhostUserProtocolFeatures.REPLY_ACK);
        byte[] request = new byte[12];
        MemoryMarshal.Write(
            request, new VhostUserHeader { Request = 2, Flags = RawPeer.Version | RawPeer.NeedReply });

        for (int i = 0; i < 100_000 && _lost is null; i++)
        {
            _ = channel.Socket.Send(request, [], out _);
            _ = _loop.RunOnce(0);
        }

        Assert.Contains("does not read the answers", _lost, StringComparison.Ordinal);
    }

    void IVhostUserFrontEndEvents.ConfigChanged() => _configChanges++;

    void IVhostUserFrontEndEvents.ConnectionLost(string reason) => _lost = reason;

    public void Dispose()
    {
        _frontEnd.Dispose();
        _backEnd.Dispose();
        _loop.Dispose();
    }

    private void AssertLost(string reason)
    {
        Assert.Equal(reason, _frontEnd.LostReason);
        Assert.True(_loop.RunUntil(() => _lost is not null));
        Assert.Equal(reason, _lost);
        Assert.Equal(VhostUserResult.Lost, _frontEnd.SetFeatures(0));
    }

    private void SendAnswer<T>(VhostUserRequest request, T payload)
        where T : unmanaged => _backEnd.Send(
            (uint)request, RawPeer.Version | RawPeer.Reply, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in payload)));

    /// <summary>Answers a negotiation in advance.</summary>
    private void NegotiateWith(VhostUserProtocolFeatures features)
    {
        SendAnswer(VhostUserRequest.GET_FEATURES, 1UL << 30);
        SendAnswer(VhostUserRequest.GET_PROTOCOL_FEATURES, (ulong)features);
        if ((features & VhostUserProtocolFeatures.REPLY_ACK) != 0)
        {
            if ((features & VhostUserProtocolFeatures.BACKEND_REQ) != 0)
            {
                SendAnswer(VhostUserRequest.SET_BACKEND_REQ_FD, 0UL);
            }

            SendAnswer(VhostUserRequest.SET_OWNER, 0UL);
        }

        Assert.Equal(VhostUserResult.Done, _frontEnd.Negotiate());
    }

    /// <summary>Negotiates and takes the back end's end of the channel for its requests.</summary>
    private RawPeer TakeChannel(VhostUserProtocolFeatures features)
    {
        NegotiateWith(features | VhostUserProtocolFeatures.BACKEND_REQ);
        var descriptors = new List<Descriptor>();
        byte[] sink = new byte[4096];
        while (descriptors.Count == 0)
        {
            Assert.Equal(SocketStatus.Done, _backEnd.Socket.Receive(sink, descriptors, out _));
        }

        return new RawPeer(UnixSocket.Adopt(descriptors[0]));
    }
}
