using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Random messages with fixed seeds, to both ends. Each survives, and serves the next peer.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class VhostUserFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BackEnd_RandomMessages_SurvivesAndServesTheNext(int seed)
    {
        const int Connections = 300;
        var random = new Random(seed);
        using var backEnd = new BackEndThread(new EchoDevice());
        using var memory = new DriverMemory(1 << 20);
        using EventFd line = EventFd.Create();
        int accepted = 0;
        for (int i = 1; i <= Connections; i++)
        {
            using (var peer = new RawPeer(backEnd.Connect()))
            {
                peer.Negotiate();
                for (int message = 0; message < 40 && SendRandom(peer, random, memory, line); message++)
                {
                    accepted++;
                }
            }

            _ = backEnd.WaitForDisconnection(i);
        }

        Assert.True(accepted > Connections, "the back end gave up before anything came through");
        using var last = new RawPeer(backEnd.Connect());
        last.Send(VhostUserRequest.GET_FEATURES, []);
        Assert.Equal(8u, last.Receive().Header.Size);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void FrontEnd_RandomAnswers_EndsEachRequest(int seed)
    {
        var random = new Random(seed);
        using var loop = new EventLoop();
        for (int i = 0; i < 500; i++)
        {
            (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
            using var frontEnd = new VhostUserFrontEnd(ours, loop, new SilentEvents(), TimeSpan.FromMilliseconds(20));
            using var backEnd = new RawPeer(theirs);
            backEnd.Send((uint)VhostUserRequest.GET_FEATURES, RawPeer.Version | RawPeer.Reply, BitConverter.GetBytes(1UL << 30));
            ulong features = random.Next(2) == 0 ? ulong.MaxValue : (ulong)random.NextInt64();
            backEnd.Send(
                (uint)VhostUserRequest.GET_PROTOCOL_FEATURES, RawPeer.Version | RawPeer.Reply, BitConverter.GetBytes(features));
            for (int message = 0; message < 6; message++)
            {
                byte[] payload = new byte[random.Next(4) == 0 ? random.Next(300) : 8];
                random.NextBytes(payload);
                uint[] requests = [17, 36, 21, 3, (uint)random.Next(50)];
                uint flags = random.Next(5) == 0 ? (uint)random.Next(16) : RawPeer.Version | RawPeer.Reply;
                backEnd.Send(requests[Math.Min(message, 4)], flags, payload);
            }

            VhostUserResult result = frontEnd.Negotiate();
            Assert.InRange((int)result, 0, 2);
            _ = frontEnd.ReadConfig(0, new byte[8]);
            _ = frontEnd.StopQueue(0, out _);
            _ = loop.RunOnce(0);
        }
    }

    /// <returns>False once the back end has closed.</returns>
    private static bool SendRandom(RawPeer peer, Random random, DriverMemory memory, EventFd line)
    {
        uint request = random.Next(20) == 0 ? (uint)random.Next() : (uint)random.Next(1, 44);
        bool known = RequestRule.TryFind((VhostUserRequest)request, out var rule);
        bool wellFormed = random.Next(30) != 0;
        int length = known && wellFormed ? random.Next(rule.MinPayload, rule.MaxPayload + 1) : random.Next(300);
        byte[] payload = new byte[length];
        FillPlausibly(payload, random, memory);
        int count = known && wellFormed ? random.Next(rule.MinDescriptors, rule.MaxDescriptors + 1) : random.Next(3);
        var descriptors = new Descriptor[count];
        for (int i = 0; i < count; i++)
        {
            descriptors[i] = random.Next(3) == 0 ? line : memory.File;
        }

        byte[] message = new byte[VhostUserHeader.SizeOf + length];
        // Nearly always with a reply asked for, so that a refusal does not end the connection.
        uint flags = random.Next(30) == 0 ? (uint)random.Next(16) : RawPeer.Version | RawPeer.NeedReply;
        _ = VhostUserHeader.WriteMessage(message, request, flags, payload);
        SocketStatus status = peer.Socket.Send(message, descriptors, out int sent);
        _ = line.Signal();
        return status == SocketStatus.Done && sent == message.Length;
    }

    /// <summary>Numbers of the kind that occur: small ones, flags, addresses in and near guest memory, rubbish.</summary>
    private static void FillPlausibly(byte[] payload, Random random, DriverMemory memory)
    {
        ulong user = memory.Memory.Regions[0].UserAddress;
        for (int at = 0; at + 4 <= payload.Length; at += 4)
        {
            ulong value = random.Next(8) switch
            {
                0 or 1 => (ulong)random.Next(3),
                2 => 1UL << random.Next(32),
                3 => (ulong)random.Next(1 << 20),
                4 => user + (ulong)random.Next(1 << 20),
                5 => memory.Base + (ulong)random.Next(1 << 20),
                6 => 16,
                _ => (ulong)random.NextInt64(),
            };
            if (at + 8 <= payload.Length && value > uint.MaxValue)
            {
                BitConverter.TryWriteBytes(payload.AsSpan(at), value);
                at += 4;
            }
            else
            {
                BitConverter.TryWriteBytes(payload.AsSpan(at), (uint)value);
            }
        }
    }
}
