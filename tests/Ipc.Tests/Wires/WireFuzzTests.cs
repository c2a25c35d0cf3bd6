using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>
/// Messages that are valid but for a few changed bytes, from fixed seeds: the wire either takes one or closes with
/// a violation; it never throws and never keeps a descriptor.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class WireFuzzTests
{
    private const int SessionsPerSeed = 400;
    private const int MessagesPerSession = 24;

    [Theory]
    [InlineData(1)]
    [InlineData(20_261)]
    [InlineData(770_413)]
    public void DisplaySink_MutatedMessages_NeverThrowsNorLeaks(int seed)
    {
        var random = new Random(seed);
        string name = $"fuzz-{seed}";
        using EventLoop loop = new();
        using MemFd memory = MemFd.Create(name, 1 << 16, Seals.F_SEAL_SHRINK);
        int violations = 0;
        int delivered = 0;
        for (int session = 0; session < SessionsPerSeed; session++)
        {
            (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
            using var peer = new RawPeer(first);
            var handler = new RecordingSink();
            using var sink = new DisplayWireSink(loop, second, handler);
            peer.Send(1, DisplayFuzzMessages.Hello);
            for (int i = 0; i < MessagesPerSession && !handler.IsClosed; i++)
            {
                (uint type, byte[] body, int descriptors) = DisplayFuzzMessages.Next(random, (uint)i + 1);
                Descriptor[] attached = [.. Enumerable.Repeat(memory, Mutate(random, body, descriptors))];
                _ = peer.SendBytes(RawPeer.Message(type, body), attached);
                loop.Drain();
                foreach (Frame frame in handler.Frames.Where(_ => random.Next(2) == 0))
                {
                    sink.CompleteFrame(in frame);
                }
            }

            delivered += handler.Log.Count;
            violations += handler.Violation is null ? 0 : 1;
        }

        Assert.Equal(1, OpenDescriptors.OfMemFd(name));
        // The messages reach both outcomes often; else this test would show nothing.
        Assert.InRange(violations, SessionsPerSeed / 10, SessionsPerSeed);
        Assert.InRange(delivered, SessionsPerSeed * 3, int.MaxValue);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(31_337)]
    public void InputSink_MutatedMessages_DeliversOnlyWholeReports(int seed)
    {
        var random = new Random(seed);
        using EventLoop loop = new();
        int violations = 0;
        var handler = new RecordingInputSink();
        for (int session = 0; session < SessionsPerSeed; session++)
        {
            (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
            using var peer = new RawPeer(first);
            handler.Reset();
            using var sink = new InputWireSink(loop, second, handler);
            peer.Send(1, new WireHello { Magic = InputProtocol.Magic, Version = 1, Role = (uint)InputRole.Source });
            for (int i = 0; i < MessagesPerSession && !handler.IsClosed; i++)
            {
                byte[] body = InputBody(random);
                _ = Mutate(random, body, 0);
                _ = peer.SendBytes(RawPeer.Message((uint)InputMessageType.Events, body));
                loop.Drain();
            }

            violations += handler.Violation is null ? 0 : 1;
        }

        Assert.InRange(violations, SessionsPerSeed / 10, SessionsPerSeed);
        Assert.InRange(handler.Reports, SessionsPerSeed, int.MaxValue);
        Assert.True(handler.AllEndedWithReport);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(42)]
    public void BothWires_PureNoise_CloseWithoutThrowing(int seed)
    {
        var random = new Random(seed);
        using EventLoop loop = new();
        for (int session = 0; session < 2000; session++)
        {
            (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
            using var peer = new RawPeer(first);
            var noise = new byte[random.Next(1, 600)];
            random.NextBytes(noise);
            var displaySide = new RecordingSink();
            var inputSide = new RecordingInputSink();
            using IDisposable wire = session % 2 == 0
                ? new DisplayWireSink(loop, second, displaySide)
                : new InputWireSink(loop, second, inputSide);
            _ = peer.SendBytes(noise);
            loop.Drain();

            Assert.NotNull(session % 2 == 0 ? displaySide.Violation : inputSide.Violation);
        }
    }

    // Leaves half of the messages as they are; returns how many descriptors to attach.
    private static int Mutate(Random random, byte[] body, int descriptors)
    {
        if (random.Next(10) < 8)
        {
            return descriptors;
        }

        for (int flips = random.Next(1, 4); flips > 0 && body.Length > 0; flips--)
        {
            body[random.Next(body.Length)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => random.Next(256) });
        }

        return random.Next(8) == 0 ? random.Next(4) : descriptors;
    }

    private static byte[] InputBody(Random random)
    {
        var kind = (InputDeviceKind)random.Next(1, 4);
        int count = random.Next(1, 6);
        var events = new InputEvent[count + 1];
        for (int i = 0; i < count; i++)
        {
            events[i] = kind switch
            {
                InputDeviceKind.Keyboard => new InputEvent(EventCodes.EV_KEY, (ushort)random.Next(1, 250), random.Next(2)),
                InputDeviceKind.Tablet => new InputEvent(EventCodes.EV_ABS, (ushort)random.Next(2), random.Next(0x8000)),
                _ => new InputEvent(EventCodes.EV_REL, (ushort)random.Next(2), random.Next(-50, 50)),
            };
        }

        events[count] = new InputEvent(EventCodes.EV_SYN, EventCodes.SYN_REPORT, 0);
        var batch = new InputBatch { Device = kind, Count = (uint)events.Length };
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<InputBatch>(in batch)), .. MemoryMarshal.AsBytes<InputEvent>(events)];
    }
}
