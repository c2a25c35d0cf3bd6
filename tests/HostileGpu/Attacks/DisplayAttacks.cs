using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.HostileGpu.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.HostileGpu.Attacks;

/// <summary>Against display-process, which takes pictures and descriptors.</summary>
internal static class DisplayAttacks
{
    private const int PictureSize = 64 * 64 * 4;

    private static readonly DisplayHello s_hello = new()
    {
        Common = { Magic = DisplayProtocol.Magic, Version = DisplayProtocol.Version, Role = (uint)DisplayRole.Source },
        Transports = DisplayTransports.MemFd,
    };

    private static readonly ScanoutConfiguration s_scanout = new()
    {
        Generation = 1,
        Width = 64,
        Height = 64,
        Format = DrmFourcc.DRM_FORMAT_XRGB8888,
        Stride = 256,
        BufferCount = 1,
        BufferSize = PictureSize,
    };

    private static readonly Frame s_frame = new() { Generation = 1, DamageCount = 1, Sequence = 1 };

    private static readonly DamageRectangle s_all = new() { Width = 64, Height = 64 };

    public static IEnumerable<Attack> All =>
    [
        new("display: random bytes", ends => Raw(ends, Pump.Random(5, 100))),
        new("display: a hello of 4 GiB", ends => Raw(ends, [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])),
        new("display: a hello of the future", ends => Raw(ends, Message(1, s_hello with { Common = s_hello.Common with { Version = 9 } }))),
        new("display: the other end's hello", ends => Raw(ends, Message(1, s_hello with { Common = s_hello.Common with { Role = (uint)DisplayRole.Sink } }))),
        new("display: silence", ends => { _ = ends.Attach(); Pump.Linger(); }),
        Wrong("a picture of 2^32 rows", s_scanout with { Height = uint.MaxValue }),
        Wrong("a stride that overflows", s_scanout with { Stride = 0xffff_fffc, Height = 16384 }),
        Wrong("buffers beyond the memory", s_scanout with { BufferOffset = ulong.MaxValue - 3 }),
        Wrong("four billion buffers", s_scanout with { BufferCount = uint.MaxValue }),
        Wrong("an unknown format", s_scanout with { Format = (DrmFourcc)0x12345678 }),
        new("display: memory without seals", ends => Show(ends, Unsealed(PictureSize))),
        new("display: memory of no bytes", ends => Show(ends, MemFd.Create("none", 0, Seals.F_SEAL_SHRINK))),
        new("display: a pipe as memory", ends => Show(ends, PipeEnd())),
        new("display: a directory as memory", ends => Show(ends, new Descriptor(Libc.open("/", 0)))),
        new("display: a socket as memory", ends => Show(ends, ends.VhostUser)),
        new("display: memory that shrinks while it is shown", Shrinking),
        new("display: a flood of frames", ends => Flood(ends, FrameMessage())),
        new("display: a flood of cursor moves", ends => Flood(ends, Message((uint)DisplayMessageType.CursorMove, new CursorPosition()))),
        new("display: a flood of scanouts", ends => Flood(
            ends, Message((uint)DisplayMessageType.ScanoutSet, s_scanout), MemFd.Create("scanout", PictureSize, Seals.F_SEAL_SHRINK))),
        new("display: a flood of unknown messages", ends => Flood(ends, Message(0x77, s_scanout))),
        new("display: 253 descriptors in each message", ends => Flood(
            ends,
            Message((uint)DisplayMessageType.ScanoutSet, s_scanout),
            [.. Enumerable.Range(0, UnixSocket.SCM_MAX_FD).Select(_ => EventFd.Create())])),
        new("plug wire: random bytes to splitvmm", ends => { _ = ends.Attach(); Pump.For(Pump.Flood, ends.Plug, () => Pump.Random(6, 64)); }),
    ];

    private static Attack Wrong(string how, ScanoutConfiguration scanout) => new($"display: {how}", ends =>
    {
        Greet(ends);
        using MemFd memory = MemFd.Create("scanout", PictureSize, Seals.F_SEAL_SHRINK);
        _ = Pump.Send(ends.Display, Message((uint)DisplayMessageType.ScanoutSet, scanout), Pump.Flood, memory);
        Pump.Linger();
    });

    private static void Raw(Ends ends, byte[] message)
    {
        _ = ends.Attach();
        _ = Pump.Send(ends.Display, message, Pump.Flood);
        Pump.Linger();
    }

    private static void Greet(Ends ends)
    {
        _ = ends.Attach();
        _ = Pump.Send(ends.Display, Message(1, s_hello), Pump.Flood);
    }

    private static void Show(Ends ends, Descriptor memory)
    {
        Greet(ends);
        _ = Pump.Send(ends.Display, Message((uint)DisplayMessageType.ScanoutSet, s_scanout), Pump.Flood, memory);
        _ = Pump.Send(ends.Display, FrameMessage(), Pump.Flood);
        Pump.Linger();
    }

    // A seal is checked when the memory comes; this tries it afterwards, again and again, with frames in between.
    private static void Shrinking(Ends ends)
    {
        Greet(ends);
        using MemFd memory = MemFd.Create("scanout", PictureSize, Seals.F_SEAL_SHRINK);
        _ = Pump.Send(ends.Display, Message((uint)DisplayMessageType.ScanoutSet, s_scanout), Pump.Flood, memory);
        byte[] frame = FrameMessage();
        for (int i = 0; i < 100; i++)
        {
            _ = Libc.ftruncate(memory.Number, 0);
            _ = Pump.Send(ends.Display, frame, Pump.Flood);
            Thread.Sleep(2);
        }
    }

    private static void Flood(Ends ends, byte[] message, params Descriptor[] descriptors)
    {
        Greet(ends);
        Pump.For(Pump.Flood, ends.Display, () => message, descriptors);
        Pump.Linger();
    }

    private static Descriptor Unsealed(long size)
    {
        var memory = new Descriptor(Libc.memfd_create("unsealed", 0));
        _ = Libc.ftruncate(memory.Number, size);
        return memory;
    }

    private static unsafe Descriptor PipeEnd()
    {
        int* ends = stackalloc int[2];
        _ = Libc.pipe2(ends, 0);
        return new Descriptor(ends[0]);
    }

    private static byte[] FrameMessage() =>
        Message((uint)DisplayMessageType.Frame, s_frame, MemoryMarshal.AsBytes(new ReadOnlySpan<DamageRectangle>(in s_all)));

    private static byte[] Message<TBody>(uint type, in TBody body, ReadOnlySpan<byte> trailer = default)
        where TBody : unmanaged
    {
        int bodyEnd = Unsafe.SizeOf<WireHeader>() + Unsafe.SizeOf<TBody>();
        byte[] message = new byte[bodyEnd + trailer.Length];
        MemoryMarshal.Write(message, new WireHeader { Type = type, Size = (uint)message.Length });
        MemoryMarshal.Write(message.AsSpan(Unsafe.SizeOf<WireHeader>()), in body);
        trailer.CopyTo(message.AsSpan(bodyEnd));
        return message;
    }
}
