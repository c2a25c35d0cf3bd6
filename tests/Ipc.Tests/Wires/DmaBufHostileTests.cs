using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A compromised gpu-process with dma-bufs that are none, or not what it says. Memfds stand for good ones.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DmaBufHostileTests : IDisposable
{
    private const ulong Tiled = 0x0100_0000_0000_0001;

    private readonly EventLoop _loop = new();
    private readonly RecordingSink _handler = new();
    private readonly RawPeer _peer;
    private readonly UnixSocket _socket;
    private readonly MemFd _memory = MemFd.Create("dma-buf", 20_000, Seals.F_SEAL_SHRINK);
    private DisplayWireSink? _sink;

    public DmaBufHostileTests()
    {
        (UnixSocket first, _socket) = UnixSocket.CreateSeqPacketPair();
        _peer = new RawPeer(first);
    }

    private static DmaBufConfiguration Valid => new()
    {
        Generation = 1,
        Width = 100,
        Height = 50,
        Format = DrmFourcc.DRM_FORMAT_ARGB8888,
        PlaneCount = 1,
    };

    [Theory]
    [InlineData(nameof(DmaBufConfiguration.Scanout), 16u, "dma-buf scanout set.scanout")]
    [InlineData(nameof(DmaBufConfiguration.Width), 0u, "dma-buf scanout set.width")]
    [InlineData(nameof(DmaBufConfiguration.Width), 16385u, "dma-buf scanout set.width")]
    [InlineData(nameof(DmaBufConfiguration.Height), uint.MaxValue, "dma-buf scanout set.height")]
    [InlineData(nameof(DmaBufConfiguration.Format), 0x34325258u, "dma-buf scanout set.format: DRM_FORMAT_XRGB8888 with modifier 0x0 was not announced")]
    [InlineData(nameof(DmaBufConfiguration.Format), 0x20203852u, "dma-buf scanout set.format")]
    [InlineData(nameof(DmaBufConfiguration.Flags), 2u, "dma-buf scanout set.flags")]
    [InlineData(nameof(DmaBufConfiguration.Modifier), 3u, "dma-buf scanout set.format: DRM_FORMAT_ARGB8888 with modifier 0x3 was not announced")]
    [InlineData(nameof(DmaBufConfiguration.PlaneCount), 0u, "dma-buf scanout set.plane count: 0 is not in 1..1")]
    [InlineData(nameof(DmaBufConfiguration.PlaneCount), 2u, "dma-buf scanout set.plane count: 2 is not in 1..1")]
    [InlineData(nameof(DmaBufConfiguration.PlaneCount), uint.MaxValue, "dma-buf scanout set.plane count")]
    [InlineData(nameof(DmaBufConfiguration.Reserved), 1u, "dma-buf scanout set.reserved")]
    public void ScanoutSet_Wrong_IsRefused(string field, uint value, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, WrongField.In(Valid, field, value));

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(DrmModifiers.DRM_FORMAT_MOD_INVALID, 1u, "dma-buf scanout set.modifier: says nothing")]
    [InlineData(Tiled, 5u, "dma-buf scanout set.plane count: 5 is not in 1..4")]
    public void ScanoutSet_WithAModifierThatDoesNotFit_IsRefused(ulong modifier, uint planes, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid with { Modifier = modifier, PlaneCount = planes });

        AssertRefused(expected);
    }

    [Fact]
    public void ScanoutSet_ToASinkWithoutDmaBufs_IsRefused()
    {
        Greet(DisplayTransports.MemFd, []);
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);

        AssertRefused("dma-buf scanout set.format: DRM_FORMAT_ARGB8888 with modifier 0x0 was not announced");
    }

    [Theory]
    [InlineData(nameof(DmaBufBuffer.Scanout), 16u, "buffer set.scanout")]
    [InlineData(nameof(DmaBufBuffer.Scanout), 1u, "buffer set.generation: 1 is not that of a configuration of dma-bufs")]
    [InlineData(nameof(DmaBufBuffer.Generation), 2u, "buffer set.generation: 2 is not")]
    [InlineData(nameof(DmaBufBuffer.Buffer), 4u, "buffer set.buffer: 4 is not in 0..3")]
    [InlineData(nameof(DmaBufBuffer.Buffer), uint.MaxValue, "buffer set.buffer")]
    [InlineData(nameof(DmaBufBuffer.Reserved), 1u, "buffer set.reserved")]
    public void BufferSet_Wrong_IsRefused(string field, uint value, string expected)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        _peer.Send((uint)DisplayMessageType.BufferSet, WrongField.In(Buffer(0), field, value), _memory);

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(0, nameof(DmaBufPlane.Stride), 396u, "buffer set.plane 0")]
    [InlineData(0, nameof(DmaBufPlane.Stride), 402u, "buffer set.plane 0")]
    [InlineData(0, nameof(DmaBufPlane.Stride), 0u, "buffer set.plane 0")]
    [InlineData(0, nameof(DmaBufPlane.Stride), uint.MaxValue - 3, "buffer set.plane 0")]
    [InlineData(0, nameof(DmaBufPlane.Stride), 404u, "buffer set.plane 0: the dma-buf has 20000 bytes, 20196 are needed")]
    [InlineData(0, nameof(DmaBufPlane.Offset), 4u, "buffer set.plane 0: the dma-buf has 20000 bytes, 20004 are needed")]
    [InlineData(0, nameof(DmaBufPlane.Offset), 2u, "buffer set.plane 0")]
    [InlineData(0, nameof(DmaBufPlane.Offset), uint.MaxValue - 3, "buffer set.plane 0")]
    [InlineData(1, nameof(DmaBufPlane.Offset), 4u, "buffer set.plane 1: is described where there is none")]
    public void BufferSet_WithAWrongPlane_IsRefused(int plane, string field, uint value, string expected)
    {
        DmaBufBuffer bad = Buffer(0);
        bad.Planes[plane] = WrongField.In(bad.Planes[plane], field, value);
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        _peer.Send((uint)DisplayMessageType.BufferSet, bad, _memory);

        AssertRefused(expected);
    }

    [Fact]
    public void BufferSet_OfATiledPlaneOutsideItsDmaBuf_IsRefused()
    {
        DmaBufConfiguration tiled = Valid;
        (tiled.Modifier, tiled.PlaneCount) = (Tiled, 2);
        DmaBufBuffer bad = Buffer(0);
        bad.Planes[1] = new DmaBufPlane { Offset = 20_000, Stride = 1 };
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, tiled);
        _peer.Send((uint)DisplayMessageType.BufferSet, bad, _memory, _memory);

        AssertRefused("buffer set.plane 1: the dma-buf has 20000 bytes, 20001 are needed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void BufferSet_WithTheWrongNumberOfDescriptors_IsRefused(int count)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        _peer.Send((uint)DisplayMessageType.BufferSet, Buffer(0), [.. Enumerable.Repeat<Descriptor>(_memory, count)]);

        AssertRefused($"buffer set.descriptors: {count} came where 1 belong");
    }

    [Theory]
    [InlineData("memfd")]
    [InlineData("eventfd")]
    [InlineData("socket")]
    [InlineData("file")]
    public void BufferSet_WithSomethingElseThanADmaBuf_IsRefused(string kind)
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[20_000]);
        using FileStream file = File.OpenRead(path);
        File.Delete(path);
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using Descriptor descriptor = kind switch
        {
            "memfd" => MemFd.Create("other", 20_000, Seals.F_SEAL_SHRINK),
            "eventfd" => EventFd.Create(),
            "socket" => first.Duplicate(),
            _ => Borrow(file),
        };
        // Here the kernel is asked.
        Greet(DisplayTransports.DmaBuf, [new(DrmFourcc.DRM_FORMAT_ARGB8888, 0)], sizeOf: null);
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        _peer.Send((uint)DisplayMessageType.BufferSet, Buffer(0), descriptor);

        AssertRefused("buffer set.plane 0: the descriptor is not a dma-buf");
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void BufferSet_InThePlaceOfOneThatIsInUse_IsRefused()
    {
        Show(0);
        _peer.Send((uint)DisplayMessageType.BufferSet, Buffer(0), _memory);

        AssertRefused("buffer set.buffer: 0 still awaits its frame done");
    }

    [Fact]
    public void BufferSet_OfAScanoutOfMemFds_IsRefused()
    {
        Greet();
        _peer.Send(
            (uint)DisplayMessageType.ScanoutSet,
            new ScanoutConfiguration
            {
                Generation = 1,
                Width = 10,
                Height = 10,
                Format = DrmFourcc.DRM_FORMAT_ARGB8888,
                Stride = 40,
                BufferCount = 1,
                BufferSize = 400,
            },
            _memory);
        _peer.Send((uint)DisplayMessageType.BufferSet, Buffer(0), _memory);

        AssertRefused("buffer set.generation");
    }

    [Fact]
    public void Frame_OfABufferThatDidNotCome_IsRefused()
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        SendFrame(3);

        AssertRefused("frame.buffer: 3 is none of the scanout's");
    }

    [Theory]
    [InlineData("memfd", "frame.fence: the descriptor is not a sync file")]
    [InlineData("eventfd", "frame.fence: the descriptor is not a sync file")]
    [InlineData("two", "frame.descriptors: 2 came with a frame")]
    public void Frame_WithAFenceThatIsNone_IsRefused(string kind, string expected)
    {
        using EventFd eventFd = EventFd.Create();
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        _peer.Send((uint)DisplayMessageType.BufferSet, Buffer(0), _memory);
        Descriptor[] fences = kind switch { "memfd" => [_memory], "eventfd" => [eventFd], _ => [_memory, _memory] };
        SendFrame(0, fences);

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(1u, 1u, "buffer forget.buffer: 1 of generation 1 is not there")]
    [InlineData(2u, 0u, "buffer forget.buffer: 0 of generation 2 is not there")]
    [InlineData(1u, 9u, "buffer forget.buffer")]
    public void BufferForget_OfWhatIsNotThere_IsRefused(uint generation, uint buffer, string expected)
    {
        Show(0);
        _peer.Send((uint)DisplayMessageType.BufferForget, new BufferReference { Generation = generation, Buffer = buffer });

        AssertRefused(expected);
    }

    public void Dispose()
    {
        _sink?.Dispose();
        _peer.Dispose();
        _memory.Dispose();
        _loop.Dispose();
    }

    private static Descriptor Borrow(FileStream file)
    {
        var borrowed = new Descriptor((int)file.SafeFileHandle.DangerousGetHandle());
        Descriptor copy = borrowed.Duplicate();
        borrowed.SetHandleAsInvalid();
        return copy;
    }

    private static DmaBufBuffer Buffer(uint slot)
    {
        var buffer = new DmaBufBuffer { Generation = 1, Buffer = slot };
        buffer.Planes[0] = new DmaBufPlane { Stride = 400 };
        return buffer;
    }

    private void Greet() => Greet(
        DisplayTransports.MemFd | DisplayTransports.DmaBuf,
        [new(DrmFourcc.DRM_FORMAT_ARGB8888, 0), new(DrmFourcc.DRM_FORMAT_ARGB8888, Tiled)],
        file => MemFd.TryGetSize(file, out long size) ? (ulong)size : null);

    private void Greet(DisplayTransports transports, PictureFormat[] formats, Func<Descriptor, ulong?>? sizeOf = null)
    {
        _sink = sizeOf is null
            ? new DisplayWireSink(_loop, _socket, _handler, transports, formats)
            : new DisplayWireSink(_loop, _socket, _handler, transports, formats) { DmaBufSize = sizeOf };
        _peer.Send((uint)DisplayMessageType.Hello, new DisplayHello
        {
            Common = { Magic = DisplayProtocol.Magic, Version = DisplayProtocol.Version, Role = (uint)DisplayRole.Source },
            Transports = DisplayTransports.MemFd | DisplayTransports.DmaBuf | DisplayTransports.Mapped,
        });
    }

    private void Show(uint slot)
    {
        Greet();
        _peer.Send((uint)DisplayMessageType.ScanoutSetDmaBuf, Valid);
        _peer.Send((uint)DisplayMessageType.BufferSet, Buffer(slot), _memory);
        SendFrame(slot);
    }

    private void SendFrame(uint slot, params ReadOnlySpan<Descriptor> fences) =>
        _peer.SendFrame(new Frame { Generation = 1, Buffer = slot, DamageCount = 1 }, new DamageRectangle { Width = 1, Height = 1 }, fences);

    private void AssertRefused(string expected)
    {
        _loop.Drain();
        Assert.True(_handler.IsClosed);
        Assert.StartsWith($"display wire: {expected}", _handler.Violation?.ToString(), StringComparison.Ordinal);
    }
}
