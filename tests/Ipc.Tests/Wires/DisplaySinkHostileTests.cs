using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A compromised gpu-process against the display's end of the wire.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DisplaySinkHostileTests : IDisposable
{
    private readonly string _name = $"hostile-{Guid.NewGuid():N}";
    private readonly EventLoop _loop = new();
    private readonly RecordingSink _handler = new();
    private readonly DisplayWireSink _sink;
    private readonly RawPeer _peer;
    private readonly MemFd _memory;

    public DisplaySinkHostileTests()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        _peer = new RawPeer(first);
        _sink = new DisplayWireSink(_loop, second, _handler);
        _memory = MemFd.Create(_name, 1 << 20, Seals.F_SEAL_SHRINK);
    }

    private static DisplayHello Hello => new()
    {
        Common = { Magic = DisplayProtocol.Magic, Version = DisplayProtocol.Version, Role = (uint)DisplayRole.Source },
        Transports = DisplayTransports.MemFd,
    };

    private static ScanoutConfiguration Valid => new()
    {
        Generation = 1,
        Width = 100,
        Height = 50,
        Format = DrmFourcc.DRM_FORMAT_ARGB8888,
        Stride = 400,
        BufferCount = 2,
        BufferSize = 20_000,
    };

    private static CursorImage ValidCursor => new()
    {
        Width = 64,
        Height = 64,
        Format = DrmFourcc.DRM_FORMAT_ARGB8888,
        Stride = 256,
    };

    [Theory]
    [InlineData("magic", "hello.magic")]
    [InlineData("version", "hello.version: the peer speaks version 1, this side version 2")]
    [InlineData("role", "hello.role")]
    [InlineData("transports", "hello.transports")]
    [InlineData("formats", "hello.format count: 1 is not in 0..0")]
    public void Hello_Wrong_IsRefused(string field, string expected)
    {
        DisplayHello hello = Hello;
        switch (field)
        {
            case "magic": hello.Common.Magic++; break;
            case "version": hello.Common.Version = 1; break;
            case "role": hello.Common.Role = (uint)DisplayRole.Sink; break;
            case "transports": hello.Transports = 0; break;
            default: hello.FormatCount = 1; break;
        }

        _peer.Send(1, hello);

        AssertRefused(expected);
    }

    [Theory]
    [InlineData("scanout", 16u, "scanout set.scanout: 16 is not in 0..15")]
    [InlineData("width", 0u, "scanout set.width")]
    [InlineData("width", 16385u, "scanout set.width")]
    [InlineData("width", 0x4000_0001u, "scanout set.width")]
    [InlineData("height", 0u, "scanout set.height")]
    [InlineData("height", uint.MaxValue, "scanout set.height")]
    [InlineData("format", 0x20203852u, "scanout set.format")]
    [InlineData("stride", 396u, "scanout set.stride")]
    [InlineData("stride", 402u, "scanout set.stride")]
    [InlineData("stride", uint.MaxValue - 3, "scanout set.stride")]
    [InlineData("buffers", 0u, "scanout set.buffer count")]
    [InlineData("buffers", 5u, "scanout set.buffer count")]
    [InlineData("flags", 2u, "scanout set.flags")]
    [InlineData("offset", uint.MaxValue, "scanout set.buffer offset")]
    [InlineData("offset", 2u, "scanout set.buffer offset")]
    [InlineData("offset", 1_040_000u, "scanout set.memory: the memfd has 1048576 bytes, 1080000 are needed")]
    [InlineData("size", 19_996u, "scanout set.buffer size")]
    [InlineData("size", 20_002u, "scanout set.buffer size")]
    [InlineData("size", 0x4000_0000u, "scanout set.buffer count")]
    [InlineData("size", 0xFFFF_FFFCu, "scanout set.buffer size")]
    public void ScanoutSet_Wrong_IsRefused(string field, uint value, string expected)
    {
        ScanoutConfiguration bad = Valid;
        switch (field)
        {
            case "scanout": bad.Scanout = value; break;
            case "width": bad.Width = value; break;
            case "height": bad.Height = value; break;
            case "format": bad.Format = (DrmFourcc)value; break;
            case "stride": bad.Stride = value; break;
            case "buffers": bad.BufferCount = value; break;
            case "flags": bad.Flags = (ScanoutFlags)value; break;
            case "offset": bad.BufferOffset = value; break;
            default: bad.BufferSize = value; break;
        }

        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, bad, _memory);

        AssertRefused(expected);
    }

    [Fact]
    public void ScanoutSet_WithUnsealedMemory_IsRefused()
    {
        using MemFd unsealed = MemFd.Create("unsealed", 1 << 20, Seals.None);
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, unsealed);

        AssertRefused("scanout set.memory: the memfd is not sealed with F_SEAL_SHRINK");
    }

    [Fact]
    public void ScanoutSet_WithAnEventFd_IsRefused()
    {
        using EventFd eventFd = EventFd.Create();
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, eventFd);

        AssertRefused("scanout set.memory: the descriptor is not a memfd");
    }

    [Fact]
    public void ScanoutSet_WithAnOrdinaryFile_IsRefused()
    {
        string path = Path.GetTempFileName();
        using (FileStream file = File.OpenRead(path))
        {
            File.Delete(path);
            using var descriptor = new Descriptor((int)file.SafeFileHandle.DangerousGetHandle());
            Greet();
            _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, descriptor);
            descriptor.SetHandleAsInvalid();
        }

        AssertRefused("scanout set.memory");
    }

    [Fact]
    public void ScanoutSet_WithoutMemory_IsRefused()
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid);

        AssertRefused("message.descriptors: 0 came where 1 belong");
    }

    [Fact]
    public void ScanoutSet_WithTooManyDescriptors_IsRefusedAndClosesThem()
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory, _memory, _memory);

        AssertRefused("message.descriptors: 3 came where 1 belong");
    }

    [Fact]
    public void ScanoutSet_OfTheSameGeneration_IsRefused()
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);

        AssertRefused("scanout set.generation");
    }

    [Theory]
    [InlineData("scanout", 1u, "frame.scanout: 1 is not set")]
    [InlineData("scanout", 16u, "frame.scanout: 16 is not set")]
    [InlineData("scanout", uint.MaxValue, "frame.scanout")]
    [InlineData("generation", 2u, "frame.generation: 2 where 1 is current")]
    [InlineData("buffer", 2u, "frame.buffer: 2 is none of the scanout's")]
    [InlineData("buffer", uint.MaxValue, "frame.buffer")]
    [InlineData("count", 0u, "frame.damage count")]
    [InlineData("count", 2u, "frame.damage count")]
    [InlineData("count", uint.MaxValue, "frame.damage count")]
    [InlineData("x", 100u, "frame.damage")]
    [InlineData("x", uint.MaxValue, "frame.damage")]
    [InlineData("y", 50u, "frame.damage")]
    [InlineData("width", 0u, "frame.damage")]
    [InlineData("width", 101u, "frame.damage")]
    [InlineData("height", uint.MaxValue, "frame.damage")]
    public void Frame_Wrong_IsRefused(string field, uint value, string expected)
    {
        var frame = new Frame { Generation = 1, DamageCount = 1 };
        var damage = new DamageRectangle { Width = 1, Height = 1 };
        switch (field)
        {
            case "scanout": frame.Scanout = value; break;
            case "generation": frame.Generation = value; break;
            case "buffer": frame.Buffer = value; break;
            case "count": frame.DamageCount = value; break;
            case "x": damage.X = value; break;
            case "y": damage.Y = value; break;
            case "width": damage.Width = value; break;
            default: damage.Height = value; break;
        }

        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);
        SendFrame(frame, damage);

        AssertRefused(expected);
    }

    [Fact]
    public void Frame_OfABusyBuffer_IsRefused()
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);
        SendFrame(new Frame { Generation = 1, DamageCount = 1 }, new DamageRectangle { Width = 1, Height = 1 });
        SendFrame(new Frame { Generation = 1, DamageCount = 1 }, new DamageRectangle { Width = 1, Height = 1 });

        AssertRefused("frame.buffer: 0 still awaits its frame done");
    }

    [Theory]
    [InlineData("scanout", 16u, "cursor image.scanout")]
    [InlineData("width", 257u, "cursor image.width")]
    [InlineData("height", 0u, "cursor image.height")]
    [InlineData("hot x", 64u, "cursor image.hot x")]
    [InlineData("hot y", 64u, "cursor image.hot y")]
    [InlineData("stride", 252u, "cursor image.stride")]
    [InlineData("format", 0u, "cursor image.format")]
    [InlineData("reserved", 1u, "cursor image.reserved")]
    [InlineData("small", 0u, "cursor image.memory")]
    public void CursorImage_Wrong_IsRefused(string field, uint value, string expected)
    {
        CursorImage bad = ValidCursor;
        using MemFd small = MemFd.Create("small", 4096, Seals.F_SEAL_SHRINK);
        switch (field)
        {
            case "scanout": bad.Scanout = value; break;
            case "width": bad.Width = value; break;
            case "height": bad.Height = value; break;
            case "hot x": bad.HotX = value; break;
            case "hot y": bad.HotY = value; break;
            case "stride": bad.Stride = value; break;
            case "format": bad.Format = (DrmFourcc)value; break;
            case "reserved": bad.Reserved = value; break;
            default: break;
        }

        Greet();
        _peer.Send((uint)DisplayMessageType.CursorImage, bad, field == "small" ? small : _memory);

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(DisplayMessageType.OutputInfo)]
    [InlineData(DisplayMessageType.FrameDone)]
    [InlineData(DisplayMessageType.Hello)]
    [InlineData(DisplayMessageType.BufferRefused)]
    [InlineData((DisplayMessageType)0)]
    [InlineData((DisplayMessageType)0xFFFF_FFFF)]
    public void Message_OfTheWrongType_IsRefused(DisplayMessageType type)
    {
        Greet();
        _peer.Send((uint)type, Hello);

        AssertRefused("message.type");
    }

    [Fact]
    public void Message_BeforeTheHello_IsRefused()
    {
        _peer.Send((uint)DisplayMessageType.CursorHide, default(ScanoutReference));

        AssertRefused("message.type: 0x22 before the hello");
    }

    [Theory]
    [InlineData(3, "header.size: a datagram of 3 bytes has no room for the header")]
    [InlineData(20, "cursor move.size: a body of 12 bytes where 16 belong")]
    [InlineData(32, "cursor move.size")]
    [InlineData(4200, "header.size: more than 4128 bytes")]
    public void Message_OfTheWrongLength_IsRefused(int length, string expected)
    {
        Greet();
        byte[] message = RawPeer.Message((uint)DisplayMessageType.CursorMove, new byte[Math.Max(0, length - 8)]);

        _peer.SendBytes(message.AsSpan(0, length));

        AssertRefused(expected);
    }

    [Fact]
    public void Message_WhoseHeaderLies_IsRefused()
    {
        Greet();
        byte[] message = RawPeer.Message((uint)DisplayMessageType.CursorMove, new byte[16]);
        message[4]++;

        _peer.SendBytes(message);

        AssertRefused("header.size: says 25 in a datagram of 24 bytes");
    }

    [Fact]
    public void ScanoutSets_InAFlood_ArePacedNotDropped()
    {
        Greet();
        ScanoutConfiguration next = Valid;
        for (uint i = 1; i <= 120; i++)
        {
            next.Generation = i;
            Assert.Equal(SocketStatus.Done, _peer.Send((uint)DisplayMessageType.ScanoutSet, next, _memory));
        }

        long start = Environment.TickCount64;
        Assert.True(_loop.RunUntil(() => _handler.Log.Count == 121));

        // 120 sets cost 9600 tokens of which 8000 were saved up: the rest takes 200 ms to come back.
        Assert.InRange(Environment.TickCount64 - start, 150, 10_000);
        Assert.False(_handler.IsClosed);
    }

    [Fact]
    public void Flood_WhoseSenderDies_EndsWithoutSpinning()
    {
        Greet();
        ScanoutConfiguration next = Valid;
        for (uint i = 1; i <= 120; i++)
        {
            next.Generation = i;
            _peer.Send((uint)DisplayMessageType.ScanoutSet, next, _memory);
        }

        _peer.Dispose();
        int wakes = 0;
        while (!_handler.IsClosed)
        {
            _ = _loop.RunOnce(1000);
            wakes++;
        }

        Assert.InRange(wakes, 1, 60);
    }

    public void Dispose()
    {
        _sink.Dispose();
        _peer.Dispose();
        _memory.Dispose();
        _loop.Dispose();
    }

    private void Greet() => _peer.Send((uint)DisplayMessageType.Hello, Hello);

    private void SendFrame(Frame frame, DamageRectangle damage)
    {
        byte[] body = [.. MemoryMarshal.AsBytes(new ReadOnlySpan<Frame>(in frame)), .. MemoryMarshal.AsBytes(new ReadOnlySpan<DamageRectangle>(in damage))];
        _peer.SendBytes(RawPeer.Message((uint)DisplayMessageType.Frame, body));
    }

    private void AssertRefused(string expected)
    {
        _loop.Drain();

        Assert.True(_handler.IsClosed);
        Assert.StartsWith("display wire: " + expected, _handler.Violation?.ToString(), StringComparison.Ordinal);
        Assert.True(_sink.IsClosed);
        Assert.Equal(1, OpenDescriptors.OfMemFd(_name));
    }
}
