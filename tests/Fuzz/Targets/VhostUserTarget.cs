using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.Fuzz.Targets;

/// <summary>vmm-core's end of vhost-user: an input is all that the back end ever says, before it closes.</summary>
internal static class VhostUserTarget
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMilliseconds(50);

    public static Target Create() => new("vhost-user", Seeds, Run);

    private static byte[][] Seeds()
    {
        const uint Reply = VhostUserHeader.VHOST_USER_VERSION | VhostUserHeader.VHOST_USER_REPLY_MASK;
        byte[] Answer(VhostUserRequest request, params byte[] payload)
        {
            byte[] message = new byte[VhostUserHeader.SizeOf + payload.Length];
            _ = VhostUserHeader.WriteMessage(message, (uint)request, Reply, payload);
            return message;
        }

        byte[] features = Answer(VhostUserRequest.GET_FEATURES, BitConverter.GetBytes((1UL << 30) | (1UL << 32)));
        byte[] none = Answer(VhostUserRequest.GET_PROTOCOL_FEATURES, new byte[8]);
        byte[] some = Answer(VhostUserRequest.GET_PROTOCOL_FEATURES, BitConverter.GetBytes((ulong)VhostUserFrontEnd.DefaultProtocolFeatures));
        byte[] accepted = Answer(VhostUserRequest.SET_PROTOCOL_FEATURES, new byte[8]);
        byte[] queues = Answer(VhostUserRequest.GET_QUEUE_NUM, 2, 0, 0, 0, 0, 0, 0, 0);
        byte[] ring = Answer(VhostUserRequest.GET_VRING_BASE, new byte[8]);
        return [[.. features, .. none, .. ring], [.. features, .. some, .. accepted, .. queues, .. ring]];
    }

    private static void Run(byte[] input)
    {
        using var loop = new EventLoop();
        (UnixSocket peer, UnixSocket ours) = UnixSocket.CreateStreamPair();
        using (peer)
        using (var front = new VhostUserFrontEnd(ours, loop, new Listener(), s_deadline))
        {
            _ = peer.Send(input, [], out _);
            Span<byte> configuration = stackalloc byte[16];
            _ = front.Negotiate();
            _ = front.SetFeatures(front.OfferedFeatures);
            _ = front.ReadConfig(0, configuration);
            _ = front.StopQueue(0, out _);
            _ = front.ResetDevice();
            DisplayTarget.Turn(loop);
        }
    }

    private sealed class Listener : IVhostUserFrontEndEvents
    {
        public void ConfigChanged()
        {
        }

        public void ConnectionLost(string reason)
        {
        }
    }
}
