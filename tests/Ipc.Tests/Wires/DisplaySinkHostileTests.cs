using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;
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

    private static Frame OneFrame => new() { Generation = 1, DamageCount = 1 };

    private static DamageRectangle OnePixel => new() { Width = 1, Height = 1 };

    [Theory]
    [InlineData(nameof(WireHello.Magic), 1u, "hello.magic")]
    [InlineData(nameof(WireHello.Version), 1u, "hello.version: the peer speaks version 1, this side version 2")]
    [InlineData(nameof(WireHello.Role), (uint)DisplayRole.Sink, "hello.role")]
    public void Hello_WrongInWhatAllWiresHave_IsRefused(string field, uint value, string expected)
    {
        DisplayHello hello = Hello;
        hello.Common = WrongField.In(hello.Common, field, value);
        _peer.Send(WireHello.Type, hello);

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(nameof(DisplayHello.Transports), 0u, "hello.transports")]
    [InlineData(nameof(DisplayHello.FormatCount), 1u, "hello.format count: 1 is not in 0..0")]
    public void Hello_Wrong_IsRefused(string field, uint value, string expected)
    {
        _peer.Send(WireHello.Type, WrongField.In(Hello, field, value));

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(nameof(ScanoutConfiguration.Scanout), 16u, "scanout set.scanout: 16 is not in 0..15")]
    [InlineData(nameof(ScanoutConfiguration.Width), 0u, "scanout set.width")]
    [InlineData(nameof(ScanoutConfiguration.Width), 16385u, "scanout set.width")]
    [InlineData(nameof(ScanoutConfiguration.Width), 0x4000_0001u, "scanout set.width")]
    [InlineData(nameof(ScanoutConfiguration.Height), 0u, "scanout set.height")]
    [InlineData(nameof(ScanoutConfiguration.Height), uint.MaxValue, "scanout set.height")]
    [InlineData(nameof(ScanoutConfiguration.Format), 0x20203852u, "scanout set.format")]
    [InlineData(nameof(ScanoutConfiguration.Stride), 396u, "scanout set.stride")]
    [InlineData(nameof(ScanoutConfiguration.Stride), 402u, "scanout set.stride")]
    [InlineData(nameof(ScanoutConfiguration.Stride), uint.MaxValue - 3, "scanout set.stride")]
    [InlineData(nameof(ScanoutConfiguration.BufferCount), 0u, "scanout set.buffer count")]
    [InlineData(nameof(ScanoutConfiguration.BufferCount), 5u, "scanout set.buffer count")]
    [InlineData(nameof(ScanoutConfiguration.Flags), 2u, "scanout set.flags")]
    [InlineData(nameof(ScanoutConfiguration.BufferOffset), uint.MaxValue, "scanout set.buffer offset")]
    [InlineData(nameof(ScanoutConfiguration.BufferOffset), 2u, "scanout set.buffer offset")]
    [InlineData(nameof(ScanoutConfiguration.BufferOffset), 1_040_000u, "scanout set.memory: the memfd has 1048576 bytes, 1080000 are needed")]
    [InlineData(nameof(ScanoutConfiguration.BufferSize), 19_996u, "scanout set.buffer size")]
    [InlineData(nameof(ScanoutConfiguration.BufferSize), 20_002u, "scanout set.buffer size")]
    [InlineData(nameof(ScanoutConfiguration.BufferSize), 0x4000_0000u, "scanout set.buffer count")]
    [InlineData(nameof(ScanoutConfiguration.BufferSize), 0xFFFF_FFFCu, "scanout set.buffer size")]
    public void ScanoutSet_Wrong_IsRefused(string field, uint value, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, WrongField.In(Valid, field, value), _memory);

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
    [InlineData(nameof(Frame.Scanout), 1u, "frame.scanout: 1 is not set")]
    [InlineData(nameof(Frame.Scanout), 16u, "frame.scanout: 16 is not set")]
    [InlineData(nameof(Frame.Scanout), uint.MaxValue, "frame.scanout")]
    [InlineData(nameof(Frame.Generation), 2u, "frame.generation: 2 where 1 is current")]
    [InlineData(nameof(Frame.Buffer), 2u, "frame.buffer: 2 is none of the scanout's")]
    [InlineData(nameof(Frame.Buffer), uint.MaxValue, "frame.buffer")]
    [InlineData(nameof(Frame.DamageCount), 0u, "frame.damage count")]
    [InlineData(nameof(Frame.DamageCount), 2u, "frame.damage count")]
    [InlineData(nameof(Frame.DamageCount), uint.MaxValue, "frame.damage count")]
    public void Frame_Wrong_IsRefused(string field, uint value, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);
        _peer.SendFrame(WrongField.In(OneFrame, field, value), OnePixel);

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(nameof(DamageRectangle.X), 100u, "frame.damage")]
    [InlineData(nameof(DamageRectangle.X), uint.MaxValue, "frame.damage")]
    [InlineData(nameof(DamageRectangle.Y), 50u, "frame.damage")]
    [InlineData(nameof(DamageRectangle.Width), 0u, "frame.damage")]
    [InlineData(nameof(DamageRectangle.Width), 101u, "frame.damage")]
    [InlineData(nameof(DamageRectangle.Height), uint.MaxValue, "frame.damage")]
    public void Frame_WithWrongDamage_IsRefused(string field, uint value, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);
        _peer.SendFrame(OneFrame, WrongField.In(OnePixel, field, value));

        AssertRefused(expected);
    }

    [Fact]
    public void Frame_OfABusyBuffer_IsRefused()
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSet, Valid, _memory);
        _peer.SendFrame(OneFrame, OnePixel);
        _peer.SendFrame(OneFrame, OnePixel);

        AssertRefused("frame.buffer: 0 still awaits its frame done");
    }

    [Theory]
    [InlineData(nameof(CursorImage.Scanout), 16u, "cursor image.scanout")]
    [InlineData(nameof(CursorImage.Width), 257u, "cursor image.width")]
    [InlineData(nameof(CursorImage.Height), 0u, "cursor image.height")]
    [InlineData(nameof(CursorImage.HotX), 64u, "cursor image.hot x")]
    [InlineData(nameof(CursorImage.HotY), 64u, "cursor image.hot y")]
    [InlineData(nameof(CursorImage.Stride), 252u, "cursor image.stride")]
    [InlineData(nameof(CursorImage.Format), 0u, "cursor image.format")]
    [InlineData(nameof(CursorImage.Reserved), 1u, "cursor image.reserved")]
    public void CursorImage_Wrong_IsRefused(string field, uint value, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.CursorImage, WrongField.In(ValidCursor, field, value), _memory);

        AssertRefused(expected);
    }

    [Fact]
    public void CursorImage_InTooLittleMemory_IsRefused()
    {
        using MemFd small = MemFd.Create("small", 4096, Seals.F_SEAL_SHRINK);
        Greet();
        _peer.Send((uint)DisplayMessageType.CursorImage, ValidCursor, small);

        AssertRefused("cursor image.memory");
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

    private void AssertRefused(string expected)
    {
        _loop.Drain();

        Assert.True(_handler.IsClosed);
        Assert.StartsWith("display wire: " + expected, _handler.Violation?.ToString(), StringComparison.Ordinal);
        Assert.True(_sink.IsClosed);
        Assert.Equal(1, OpenDescriptors.OfMemFd(_name));
    }
}
