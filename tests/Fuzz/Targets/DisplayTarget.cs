using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Fuzz.Targets;

/// <summary>
/// display-process's end of the display wire. An input is a row of messages: one byte for the length, whose top bit says that a
/// descriptor comes along, and the bytes.
/// </summary>
internal static class DisplayTarget
{
    private const int MemorySize = 64 * 64 * 4;
    private const int WithDescriptor = 0x80;

    public static Target Create() => new("display", Seeds, Run);

    private static byte[][] Seeds()
    {
        byte[] hello = Message(DisplayMessageType.Hello, false, new DisplayHello
        {
            Common = { Magic = DisplayProtocol.Magic, Version = DisplayProtocol.Version, Role = (uint)DisplayRole.Source },
            Transports = DisplayTransports.MemFd,
        });
        byte[] scanout = Message(DisplayMessageType.ScanoutSet, true, new ScanoutConfiguration
        {
            Generation = 1,
            Width = 64,
            Height = 64,
            Format = DrmFourcc.DRM_FORMAT_XRGB8888,
            Stride = 256,
            BufferCount = 1,
            BufferSize = MemorySize,
        });
        byte[] frame = Message(
            DisplayMessageType.Frame, false, new FrameOfOne { Frame = new Frame { Generation = 1, DamageCount = 1 }, Damage = new DamageRectangle { Width = 64, Height = 64 } });
        byte[] cursor = Message(DisplayMessageType.CursorImage, true, new CursorImage
        {
            Width = 32,
            Height = 32,
            Format = DrmFourcc.DRM_FORMAT_ARGB8888,
            Stride = 128,
        });
        byte[] move = Message(DisplayMessageType.CursorMove, false, new CursorPosition { X = 5, Y = 6 });
        byte[] off = Message(DisplayMessageType.ScanoutDisable, false, new ScanoutReference());
        return [[.. hello, .. scanout, .. frame], [.. hello, .. cursor, .. move], [.. hello, .. scanout, .. frame, .. off]];
    }

    private static void Run(byte[] input)
    {
        using var loop = new EventLoop();
        (UnixSocket peer, UnixSocket ours) = UnixSocket.CreateSeqPacketPair();
        using MemFd memory = MemFd.Create("fuzz", MemorySize, Seals.F_SEAL_SHRINK);
        using (peer)
        using (new DisplayWireSink(loop, ours, new Listener()))
        {
            for (int at = 0; at < input.Length;)
            {
                int length = Math.Min(input[at] & ~WithDescriptor, input.Length - at - 1);
                Descriptor[] descriptors = (input[at] & WithDescriptor) != 0 ? [memory] : [];
                if (length > 0 && peer.Send(input.AsSpan(at + 1, length), descriptors, out _) != SocketStatus.Done)
                {
                    return;
                }

                at += 1 + length;
                Turn(loop);
            }
        }
    }

    /// <summary>Has a loop handle what is there.</summary>
    public static void Turn(EventLoop loop)
    {
        loop.Post(loop.Stop);
        loop.Run();
    }

    private static byte[] Message<TBody>(DisplayMessageType type, bool withDescriptor, in TBody body)
        where TBody : unmanaged
    {
        int length = Unsafe.SizeOf<WireHeader>() + Unsafe.SizeOf<TBody>();
        byte[] bytes = new byte[1 + length];
        bytes[0] = (byte)(length | (withDescriptor ? WithDescriptor : 0));
        MemoryMarshal.Write(bytes.AsSpan(1), new WireHeader { Type = (uint)type, Size = (uint)length });
        MemoryMarshal.Write(bytes.AsSpan(1 + Unsafe.SizeOf<WireHeader>()), in body);
        return bytes;
    }

    private struct FrameOfOne
    {
        public Frame Frame;
        public DamageRectangle Damage;
    }

    private sealed class Listener : IDisplayWireSinkHandler
    {
        public void OnReady(DisplayTransports transports)
        {
        }

        public void OnScanoutSet(in ScanoutConfiguration configuration, Descriptor memory) => memory.Dispose();

        public void OnScanoutDisabled(uint scanout)
        {
        }

        public void OnFrame(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
        {
        }

        public void OnCursorImage(in CursorImage image, Descriptor memory) => memory.Dispose();

        public void OnCursorMoved(in CursorPosition position)
        {
        }

        public void OnCursorHidden(uint scanout)
        {
        }

        public void OnClosed(WireError? violation)
        {
        }
    }
}
