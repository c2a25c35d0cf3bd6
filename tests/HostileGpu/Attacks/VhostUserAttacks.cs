using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.HostileGpu.Attacks;

/// <summary>Against vmm-core, which asks the back end and waits for answers.</summary>
internal static class VhostUserAttacks
{
    // As a back end asks: no reply bit.
    private const uint Ask = VhostUserHeader.VHOST_USER_VERSION;
    private const uint AskForReply = Ask | VhostUserHeader.VHOST_USER_NEED_REPLY_MASK;

    public static IEnumerable<Attack> All =>
    [
        new("vhost-user: random bytes", ends => Raw(ends, Pump.Random(1, 1 << 20))),
        new("vhost-user: an answer of 4 GiB", ends => Raw(ends, OfFourGigabytes(BackEndScript.Message(1, [])))),
        new("vhost-user: half a header", ends => Raw(ends, [1, 0, 0, 0, 5])),
        new("vhost-user: no answer", ends => { _ = ends.Attach(); Pump.WaitForTheEnd(); }),
        new("vhost-user: hang-up", ends => { _ = ends.Attach(); ends.VhostUser.Shutdown(); Pump.Linger(); }),
        Answers("of another request", (request, answer) => { answer[0] ^= 0x10; return answer; }),
        Answers("without the reply bit", (_, answer) => { answer[4] = 1; return answer; }),
        Answers("of another version", (_, answer) => { answer[4] = 6; return answer; }),
        Answers("of no bytes", (_, answer) => [.. answer[..8], 0, 0, 0, 0]),
        Answers("a byte too long", (_, answer) => [.. answer[..8], (byte)(answer[8] + 1), .. answer[9..], 0]),
        Answers("with every bit set", (_, answer) => [.. answer[..12], .. Enumerable.Repeat((byte)0xff, answer.Length - 12)]),
        Answers("with random payloads", (request, answer) => [.. answer[..12], .. Pump.Random((int)request, answer.Length - 12)]),
        Answers("a thousand times", (_, answer) => [.. Enumerable.Repeat(answer, 1000).SelectMany(bytes => bytes)]),
        new("vhost-user: one byte at a time", SlowLoris),
        new("vhost-user: 253 descriptors in each answer", DescriptorBomb),
        new("vhost-user: a flood of configuration changes", ends => Flood(ends, BackEndScript.Message(2, [], AskForReply))),
        new("vhost-user: a flood of unknown requests", ends => Flood(ends, BackEndScript.Message(4711, Pump.Random(2, 100), Ask))),
        new("vhost-user: random bytes as requests", ends => Flood(ends, Pump.Random(3, 4096))),
        new("vhost-user: a request of 4 GiB", ends => Flood(ends, OfFourGigabytes(BackEndScript.Message(2, [], Ask)))),
        new("vhost-user: requests with descriptors", ends => Flood(ends, BackEndScript.Message(9, Pump.Random(4, 40), AskForReply), Bomb())),
        new("vhost-user: a flood of interrupts", Interrupts),
    ];

    private static Attack Answers(string how, Func<VhostUserRequest, byte[], byte[]> change) => new($"vhost-user: answers {how}", ends =>
    {
        _ = ends.Attach();
        new BackEndScript(ends.VhostUser) { Change = change }.Serve(TimeSpan.FromSeconds(2));
        Pump.Linger();
    });

    private static byte[] OfFourGigabytes(byte[] message) => [.. message[..8], 0xff, 0xff, 0xff, 0xff];

    private static void Raw(Ends ends, byte[] bytes)
    {
        _ = ends.Attach();
        _ = Pump.Send(ends.VhostUser, bytes, Pump.Flood);
        Pump.Linger();
    }

    private static void SlowLoris(Ends ends)
    {
        _ = ends.Attach();
        var script = new BackEndScript(ends.VhostUser)
        {
            Send = (socket, answer) =>
            {
                foreach (byte part in answer)
                {
                    _ = Pump.Send(socket, [part], Pump.Flood);
                    Thread.Sleep(150);
                }
            },
        };
        script.Serve(TimeSpan.FromSeconds(60));
        Pump.WaitForTheEnd();
    }

    private static void DescriptorBomb(Ends ends)
    {
        _ = ends.Attach();
        Descriptor[] bomb = Bomb();
        new BackEndScript(ends.VhostUser)
        {
            Send = (socket, answer) => _ = Pump.Send(socket, answer, Pump.Flood, bomb),
        }.Serve(TimeSpan.FromSeconds(2));
        Pump.Linger();
    }

    private static void Flood(Ends ends, byte[] request, params Descriptor[] descriptors)
    {
        BackEndScript script = Serve(ends);
        if (script.Requests is { } requests)
        {
            Pump.For(Pump.Flood, requests, () => request, descriptors);
        }

        script.Serve(TimeSpan.FromSeconds(1));
        Pump.Linger();
    }

    private static void Interrupts(Ends ends)
    {
        BackEndScript script = Serve(ends);
        EventFd[] calls = [.. script.Calls.Select(EventFd.Adopt)];
        long end = Environment.TickCount64 + (long)Pump.Flood.TotalMilliseconds;
        while (Environment.TickCount64 < end)
        {
            foreach (EventFd call in calls)
            {
                _ = call.Signal();
            }
        }
    }

    // Until the front end has set everything up, and asks nothing more.
    private static BackEndScript Serve(Ends ends)
    {
        _ = ends.Attach();
        var script = new BackEndScript(ends.VhostUser);
        script.Serve(TimeSpan.FromSeconds(0.5));
        return script;
    }

    private static Descriptor[] Bomb() => [.. Enumerable.Range(0, UnixSocket.SCM_MAX_FD).Select(_ => EventFd.Create())];
}
