using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.VirtioConsole;
using Xunit;
using static SplitVmm.VmmCore.VirtioConsole.VirtioConsoleEvent;

namespace SplitVmm.VmmCore.Tests.VirtioConsole;

/// <summary>The port of a virtio-console under a driver that does as Linux does.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ConsoleDeviceTests : IDisposable
{
    private readonly RecordingUser _user = new();
    private readonly ConsoleBench _bench;

    public ConsoleDeviceTests() =>
        _bench = new ConsoleBench((memory, loop) => new ConsoleDevice("org.example.port", memory.Memory, loop, _user));

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Structures_HaveTheirLayout()
    {
        Assert.Equal((8, 12), (Marshal.SizeOf<VirtioConsoleControl>(), Marshal.SizeOf<VirtioConsoleConfig>()));
        Assert.Equal([1, 0, 0, 0, 6, 0, 2, 0], ConsoleBench.Bytes(new VirtioConsoleControl { Id = 1, Event = VIRTIO_CONSOLE_PORT_OPEN, Value = 2 }));
        Assert.Equal(
            [1, 0, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0],
            ConsoleBench.Bytes(new VirtioConsoleConfig { Cols = 1, Rows = 2, MaxNrPorts = 3, EmergWr = 4 }));
    }

    [Fact]
    public void Features_PortsButNeitherSizeNorEmergencyWrites()
    {
        Assert.Equal(ConsoleBench.Multiport, _bench.Driver.ReadDeviceFeatures() & 0b111);
        Assert.Equal([0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], _bench.ReadConfig());
        _bench.WriteConfig(8, 0x41);
        Assert.Equal([0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0], _bench.ReadConfig());
    }

    [Fact]
    public void Port_IsAddedNamedAndOpen()
    {
        _bench.Start();
        Assert.Empty(_bench.CollectControl());

        _bench.SendControl(uint.MaxValue, VIRTIO_CONSOLE_DEVICE_READY, 1);
        Assert.Equal(["PORT_ADD 1 1"], _bench.CollectControl());

        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_READY, 1);
        Assert.Equal(["PORT_NAME 1 1 org.example.port", "PORT_OPEN 1 1"], _bench.CollectControl());
        Assert.Empty(_user.Log);

        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        Assert.Equal(["opened", "closed"], _user.Log);
        Assert.Equal(4, _bench.CountTaken(3));
    }

    [Fact]
    public void Bytes_GoBothWays()
    {
        _bench.Start(size: 16);
        _bench.OpenPort();

        byte[] large = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];
        _bench.Send(5, [1, 2, 3]);
        _bench.Send(5, large);
        Assert.Equal([1, 2, 3, .. large], _user.Taken);
        Assert.Equal(ConsoleDevice.LargestPiece, _user.LargestPiece);
        Assert.Equal(2, _bench.CountTaken(5));

        Assert.Equal(20, _bench.Device.Write(large.AsSpan(0, 20)));
        Assert.Equal([large[..16], large[16..20]], _bench.Collect(4));
    }

    [Fact]
    public void Read_HostSideIsFull_TheGuestsRingWaits()
    {
        _bench.Start();
        _bench.OpenPort();
        _user.Appetite = 1;
        byte[] first = new byte[6000];
        first[^1] = 9;
        _bench.Send(5, first);
        _bench.Send(5, [1]);

        // A page of the first buffer was taken; nothing is given back.
        Assert.Equal(4096, _user.Taken.Count);
        Assert.Equal(0, _bench.CountTaken(5));

        _user.Appetite = int.MaxValue;
        _bench.Device.ReadOn();
        Assert.Equal([.. first, 1], _user.Taken);
        Assert.Equal(2, _bench.CountTaken(5));
    }

    [Fact]
    public void Write_NoBuffers_SaysSoAndTellsWhenThereAre()
    {
        _bench.Start(port: 1, size: 64);
        _bench.OpenPort();
        Assert.Equal(64, _bench.Device.Write(new byte[100]));
        int rooms = _user.Rooms;

        _bench.OfferRoom(4, 1, 64);
        _bench.Pump();
        Assert.True(_user.Rooms > rooms);
        Assert.Equal(36, _bench.Device.Write(new byte[36]));
    }

    [Fact]
    public void Close_WhatWasSentBefore_IsNotOfTheNextOpening()
    {
        _bench.Start();
        _bench.OpenPort();
        _user.Appetite = 0;
        _bench.Send(5, [1, 2, 3]);
        _bench.Send(5, [4, 5, 6]);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        Assert.Equal(2, _bench.CountTaken(5));

        _user.Appetite = int.MaxValue;
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        _bench.Send(5, [7]);
        Assert.Equal([7], _user.Taken);
        Assert.Equal(["opened", "closed", "opened"], _user.Log);
    }

    [Fact]
    public void ClosedPort_IsNeitherReadNorWritten()
    {
        _bench.Start();
        _bench.SendControl(uint.MaxValue, VIRTIO_CONSOLE_DEVICE_READY, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_READY, 1);
        _bench.Send(5, [1]);

        Assert.Empty(_user.Taken);
        Assert.Equal(0, _bench.Device.Write([1]));
        Assert.Empty(_bench.Collect(4));
    }

    [Fact]
    public void HangUp_StaysUntilTheGuestHasClosedToo()
    {
        _bench.Start();
        _bench.OpenPort();
        _bench.CollectControl();

        _bench.Device.HangUp();
        _bench.Device.HangUp();
        Assert.Equal(["PORT_OPEN 1 0"], _bench.CollectControl());
        Assert.Equal(["opened", "closed"], _user.Log);
        _bench.Send(5, [1, 2]);
        Assert.Equal(0, _bench.Device.Write([1]));

        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        Assert.Equal(["PORT_OPEN 1 1"], _bench.CollectControl());
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        _bench.Send(5, [3]);
        Assert.Equal([3], _user.Taken);
        Assert.Equal(["opened", "closed", "opened"], _user.Log);
    }

    [Fact]
    public void HangUp_NobodyHasItOpen_IsNoNews()
    {
        _bench.Start();
        _bench.Device.HangUp();
        _bench.SendControl(uint.MaxValue, VIRTIO_CONSOLE_DEVICE_READY, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_READY, 1);
        Assert.Equal(["PORT_ADD 1 1", "PORT_NAME 1 1 org.example.port", "PORT_OPEN 1 1"], _bench.CollectControl());
    }

    [Fact]
    public void Reset_ClosesThePort_AndTheNextDriverStartsAnew()
    {
        _bench.Start();
        _bench.OpenPort();
        _user.Appetite = 0;
        _bench.Send(5, [1]);

        _bench.Driver.Status = VirtioStatus.None;
        _bench.Pump();
        Assert.Equal(["opened", "closed"], _user.Log);
        Assert.Equal(0, _bench.Device.Write([1]));
        _bench.Device.ReadOn();
        _bench.Device.HangUp();

        _user.Appetite = int.MaxValue;
        _bench.Start();
        _bench.OpenPort();
        _bench.Send(5, [2]);
        Assert.Equal([2], _user.Taken);
        Assert.Equal(["opened", "closed", "opened"], _user.Log);
    }

    [Fact]
    public void DriverWithoutPorts_PrintsIntoNothing()
    {
        _bench.Start(VirtioFeatures.VIRTIO_F_VERSION_1);
        _bench.Send(1, "boot text"u8);
        Assert.Equal(1, _bench.CountTaken(1));
        _bench.OpenPort();
        Assert.Empty(_user.Log);
        Assert.Equal(0, _bench.CountTaken(3));
    }
}
