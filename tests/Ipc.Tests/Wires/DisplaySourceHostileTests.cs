using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A compromised display-process against the gpu's end of the wire.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DisplaySourceHostileTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly RecordingSource _handler = new();
    private readonly DisplayWireSource _source;
    private readonly RawPeer _peer;
    private readonly MemFd _memory = MemFd.Create("source-hostile", 4096, Seals.F_SEAL_SHRINK);

    public DisplaySourceHostileTests()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        _source = new DisplayWireSource(_loop, first, _handler);
        _peer = new RawPeer(second);
        _peer.Send((uint)DisplayMessageType.Hello, new DisplayHello
        {
            Common = { Magic = DisplayProtocol.Magic, Version = DisplayProtocol.Version, Role = (uint)DisplayRole.Sink },
            Transports = DisplayTransports.MemFd,
        });
        _loop.Drain();
    }

    [Theory]
    [InlineData(nameof(OutputInfo.Scanout), 16u, "output info.scanout")]
    [InlineData(nameof(OutputInfo.Enabled), 2u, "output info.enabled")]
    [InlineData(nameof(OutputInfo.Width), 0u, "output info.width")]
    [InlineData(nameof(OutputInfo.Width), 16_385u, "output info.width")]
    [InlineData(nameof(OutputInfo.RefreshMillihertz), 0u, "output info.refresh")]
    [InlineData(nameof(OutputInfo.Scale120), 0u, "output info.scale")]
    public void OutputInfo_Wrong_IsRefused(string field, uint value, string expected)
    {
        var proper = new OutputInfo { Enabled = 1, Width = 640, Height = 480, RefreshMillihertz = 60_000, Scale120 = 120 };
        _peer.Send((uint)DisplayMessageType.OutputInfo, WrongField.In(proper, field, value));

        AssertRefused(expected);
    }

    [Theory]
    [InlineData(0u, 0u, 8ul, "frame done.buffer")]
    [InlineData(0u, 1u, 9ul, "frame done.buffer")]
    [InlineData(0u, 33u, 9ul, "frame done.buffer")]
    [InlineData(16u, 0u, 9ul, "frame done.scanout")]
    public void FrameDone_ThatNobodyAwaits_IsRefused(uint scanout, uint buffer, ulong sequence, string expected)
    {
        Assert.Equal(SocketStatus.Done, _source.SetScanout(
            new ScanoutConfiguration
            {
                Generation = 3,
                Width = 8,
                Height = 8,
                Format = DrmFourcc.DRM_FORMAT_XRGB8888,
                Stride = 32,
                BufferCount = 2,
                BufferSize = 256,
            },
            _memory));
        _ = _source.SendFrame(new Frame { Generation = 3, Sequence = 9 }, [new() { Width = 8, Height = 8 }]);

        _peer.Send((uint)DisplayMessageType.FrameDone, new FrameDone { Scanout = scanout, Generation = 3, Buffer = buffer, Sequence = sequence });

        AssertRefused(expected);
    }

    [Fact]
    public void Message_WithADescriptor_IsRefused()
    {
        _peer.Send((uint)DisplayMessageType.OutputInfo, default(OutputInfo), _memory);

        AssertRefused("message.descriptors: 1 came where 0 belong");
    }

    [Fact]
    public void Message_OfTheWrongDirection_IsRefused()
    {
        _peer.Send((uint)DisplayMessageType.CursorHide, default(ScanoutReference));

        AssertRefused("message.type: 0x22 is not one that a sink sends");
    }

    public void Dispose()
    {
        _source.Dispose();
        _peer.Dispose();
        _memory.Dispose();
        _loop.Dispose();
    }

    private void AssertRefused(string expected)
    {
        _loop.Drain();

        Assert.StartsWith("display wire: " + expected, _handler.Violation?.ToString(), StringComparison.Ordinal);
        Assert.True(_source.IsClosed);
    }
}
