using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>What a wrong front end can send to a back end, and what it gets for it.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class BackEndHostileTests
{
    private const uint Version = RawPeer.Version;

    public static TheoryData<string, uint, uint, int, string> WrongForms => new()
    {
        { "version 0", 1, 0, 0, "version 0 in a message header" },
        { "version 2", 1, 2, 0, "version 2 in a message header" },
        { "a reply", 1, Version | RawPeer.Reply, 0, "GET_FEATURES: a reply where a request belongs" },
        { "unknown request", 4711, Version, 0, "request 4711: not known" },
        { "request 0", 0, Version, 0, "request 0: not known" },
        { "a request of other devices", 26, Version, 8, "CREATE_CRYPTO_SESSION: not known" },
        { "payload where none belongs", 1, Version, 8, "GET_FEATURES: 8 bytes of payload" },
        { "no payload where some belongs", 2, Version, 0, "SET_FEATURES: 0 bytes of payload" },
        { "too short", 9, Version, 39, "SET_VRING_ADDR: 39 bytes of payload" },
        { "too long", 9, Version, 41, "SET_VRING_ADDR: 41 bytes of payload" },
        { "config too short", 24, Version, 11, "GET_CONFIG: 11 bytes of payload" },
        { "config too long", 24, Version, 269, "GET_CONFIG: 269 bytes of payload" },
        { "no descriptor", 37, Version, 40, "ADD_MEM_REG: 0 descriptors" },
        { "no channel", 21, Version, 0, "SET_BACKEND_REQ_FD: 0 descriptors" },
        { "longer than any message", 5, Version, 2057, "a payload of 2057 bytes" },
    };

    [Theory]
    [MemberData(nameof(WrongForms))]
    public void Message_OfWrongForm_EndsTheConnection(string what, uint request, uint flags, int payload, string reason)
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();

        peer.Send(request, flags, new byte[payload]);

        Assert.True(peer.IsClosedByPeer(), what);
        Assert.StartsWith(reason, backEnd.WaitForDisconnection(), StringComparison.Ordinal);
        AssertServesAgain(backEnd);
    }

    [Fact]
    public void Message_CutOff_EndsTheConnection()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using (var peer = new RawPeer(backEnd.Connect()))
        {
            peer.SendBytes([1, 0, 0, 0, 1, 0]);
        }

        Assert.Equal("the connection ended inside a message", backEnd.WaitForDisconnection());
        AssertServesAgain(backEnd);
    }

    [Fact]
    public void Message_ByteByByte_IsPutTogether()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        byte[] message = new byte[20];
        var queue = new VhostVringState { Index = 0, Num = 16 };
        _ = VhostUserHeader.WriteMessage(
            message, (uint)VhostUserRequest.SET_VRING_NUM, Version, MemoryMarshal.AsBytes(new ReadOnlySpan<VhostVringState>(in queue)));

        foreach (byte one in message)
        {
            peer.SendBytes([one]);
        }

        peer.Send(VhostUserRequest.GET_FEATURES, []);
        Assert.Equal(8u, peer.Receive().Header.Size);
    }

    [Fact]
    public void UnknownRequest_ThatNeedsAReply_IsRefusedByIt()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();

        Assert.NotEqual(0UL, peer.Order((VhostUserRequest)4711, 0UL));
        Assert.NotEqual(0UL, peer.Order(VhostUserRequest.IOTLB_MSG, default(VhostUserMMap)));

        AssertAlive(peer);
    }

    [Theory]
    [InlineData(VhostUserProtocolFeatures.CONFIG, 25, 20)]
    [InlineData(VhostUserProtocolFeatures.STATUS, 39, 8)]
    [InlineData(VhostUserProtocolFeatures.RESET_DEVICE, 34, 0)]
    public void Request_WhoseFeatureWasNotNegotiated_IsRefused(VhostUserProtocolFeatures feature, uint request, int payload)
    {
        var device = new EchoDevice();
        using var backEnd = new BackEndThread(device);
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate(without: feature);

        peer.Send(request, Version | RawPeer.NeedReply, new byte[payload]);

        Assert.NotEqual(0UL, MemoryMarshal.Read<ulong>(peer.Receive().Payload));
        Assert.DoesNotContain("reset", device.History());
        AssertAlive(peer);
    }

    [Fact]
    public void NineDescriptors_WithOneMessage_EndTheConnection()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        using EventFd line = EventFd.Create();
        Descriptor[] lines = new Descriptor[9];
        Array.Fill(lines, line);

        peer.Send(VhostUserRequest.SET_MEM_TABLE, new byte[8 + (8 * 32)], lines);

        Assert.True(peer.IsClosedByPeer());
        Assert.StartsWith("9 descriptors with one message", backEnd.WaitForDisconnection(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x000, 1)]
    [InlineData(0x100, 0)]
    public void VringDescriptor_AgainstTheNoDescriptorBit_EndsTheConnection(ulong payload, int missing)
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        using EventFd line = EventFd.Create();

        peer.Send(VhostUserRequest.SET_VRING_KICK, payload, missing == 1 ? [] : [line]);

        Assert.True(peer.IsClosedByPeer());
        Assert.StartsWith("SET_VRING_KICK: ", backEnd.WaitForDisconnection(), StringComparison.Ordinal);
    }

    [Fact]
    public void Kick_ByADescriptorThatCannotBeWaitedFor_IsRefused()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();
        using MemFd file = MemFd.Create("no-eventfd", 4096, Seals.None);

        Assert.NotEqual(0UL, peer.Order(VhostUserRequest.SET_VRING_KICK, 0UL, file));

        AssertAlive(peer);
    }

    [Fact]
    public void BackEndChannel_ThatIsNoSocket_IsRefused()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();
        using MemFd file = MemFd.Create("no-socket", 4096, Seals.None);

        Assert.NotEqual(0UL, peer.Order(VhostUserRequest.SET_BACKEND_REQ_FD, 0UL, file));

        AssertAlive(peer);
    }

    [Theory]
    [InlineData(VhostUserRequest.SET_VRING_NUM, 2, 16)]
    [InlineData(VhostUserRequest.SET_VRING_NUM, 0, 0)]
    [InlineData(VhostUserRequest.SET_VRING_NUM, 0, 17)]
    [InlineData(VhostUserRequest.SET_VRING_NUM, 0, 512)]
    [InlineData(VhostUserRequest.SET_VRING_NUM, 0, 0x8000_0000)]
    [InlineData(VhostUserRequest.SET_VRING_NUM, 0xFFFF_FFFF, 16)]
    [InlineData(VhostUserRequest.SET_VRING_BASE, 0, 0x10000)]
    [InlineData(VhostUserRequest.SET_VRING_BASE, 2, 0)]
    [InlineData(VhostUserRequest.SET_VRING_ENABLE, 0, 2)]
    [InlineData(VhostUserRequest.SET_VRING_ENABLE, 2, 1)]
    public void VringState_OutOfRange_IsRefused(VhostUserRequest request, uint index, uint number)
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();

        Assert.NotEqual(0UL, peer.Order(request, new VhostVringState { Index = index, Num = number }));

        AssertAlive(peer);
    }

    [Fact]
    public void Refusal_WithoutReplyAck_EndsTheConnection()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate(without: VhostUserProtocolFeatures.REPLY_ACK);

        // The front end would take silence for success.
        peer.Send(VhostUserRequest.SET_VRING_NUM, new VhostVringState { Index = 0, Num = 17 });

        Assert.True(peer.IsClosedByPeer());
        Assert.StartsWith("SET_VRING_NUM: ring 0: size 17", backEnd.WaitForDisconnection(), StringComparison.Ordinal);
    }

    [Fact]
    public void GetConfig_BeyondTheLimit_IsAnsweredByAnEmptyPayload()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();

        peer.Send(VhostUserRequest.GET_CONFIG, new VhostUserConfigHeader { Offset = 250, Size = 8 });
        Assert.Equal(0u, peer.Receive().Header.Size);
        peer.Send(VhostUserRequest.GET_CONFIG, new VhostUserConfigHeader { Offset = 0xFFFF_FFFF, Size = 8 });
        Assert.Equal(0u, peer.Receive().Header.Size);

        AssertAlive(peer);
    }

    [Fact]
    public void Answers_ThatNobodyReads_EndTheConnection()
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        byte[] question = new byte[VhostUserHeader.SizeOf];
        _ = VhostUserHeader.WriteMessage(question, (uint)VhostUserRequest.GET_FEATURES, Version, []);

        while (backEnd.Disconnections == 0
            && peer.Socket.Send(question, [], out _) != SplitVmm.Platform.Sockets.SocketStatus.Closed)
        {
        }

        Assert.Equal("the front end does not read its answers", backEnd.WaitForDisconnection());
    }

    private static void AssertAlive(RawPeer peer)
    {
        peer.Send(VhostUserRequest.GET_FEATURES, []);
        Assert.Equal(8u, peer.Receive().Header.Size);
    }

    private static void AssertServesAgain(BackEndThread backEnd)
    {
        using var next = new RawPeer(backEnd.Connect());
        AssertAlive(next);
    }
}
