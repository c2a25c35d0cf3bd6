using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.VirtioConsole;
using Xunit;
using static SplitVmm.VmmCore.VirtioConsole.VirtioConsoleEvent;

namespace SplitVmm.VmmCore.Tests.VirtioConsole;

/// <summary>The port of a virtio-console under drivers that want to do harm.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class HostileConsoleTests : IDisposable
{
    private readonly RecordingUser _user = new();
    private readonly ConsoleBench _bench;

    public HostileConsoleTests() =>
        _bench = new ConsoleBench((memory, loop) => new ConsoleDevice("org.example.port", memory.Memory, loop, _user));

    private bool NeedsReset => (_bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET) != 0;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Control_ThatMakesNoSense_HasNoEffectAndComesBack()
    {
        _bench.Start();
        // Of a port before it is ready, of ports that are not there, of the device's own, unknown, and too short.
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        _bench.SendControl(0, VIRTIO_CONSOLE_PORT_READY, 1);
        _bench.SendControl(2, VIRTIO_CONSOLE_PORT_READY, 1);
        _bench.SendControl(uint.MaxValue, VIRTIO_CONSOLE_PORT_OPEN, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_READY, 0);
        _bench.SendControl(uint.MaxValue, VIRTIO_CONSOLE_DEVICE_READY, 0);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_ADD, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_REMOVE, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_RESIZE, 1);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_NAME, 1);
        _bench.SendControl(1, (VirtioConsoleEvent)ushort.MaxValue, ushort.MaxValue);
        _bench.Send(3, [1, 0, 0, 0, 6, 0, 1]);
        _bench.Send(3, new byte[4000]);

        Assert.Empty(_bench.CollectControl());
        Assert.Empty(_user.Log);
        Assert.Equal(14, _bench.CountTaken(3));
        Assert.False(NeedsReset);
    }

    [Fact]
    public void Control_AskedForWithoutEnd_CostsOneAnswer()
    {
        _bench.Start(control: 0);
        for (int i = 0; i < 1000; i++)
        {
            _bench.SendControl(uint.MaxValue, VIRTIO_CONSOLE_DEVICE_READY, 1);
            _bench.SendControl(1, VIRTIO_CONSOLE_PORT_READY, 1);
            _bench.CountTaken(3);
        }

        _bench.OfferRoom(2, 16, 64);
        _bench.Pump();
        Assert.Equal(["PORT_ADD 1 1", "PORT_NAME 1 1 org.example.port", "PORT_OPEN 1 1"], _bench.CollectControl());
    }

    [Theory]
    [InlineData(7)]
    [InlineData(23)]
    public void ControlBuffer_TooSmall_BreaksTheDevice(int size)
    {
        _bench.Start(controlSize: size);
        _bench.OpenPort();
        Assert.True(NeedsReset);
        Assert.DoesNotContain("opened", _user.Log.Skip(_user.Log.IndexOf("closed") + 1));
        AssertWorksAfterReset();
    }

    [Fact]
    public void Buffers_TheWrongWayRound_AreNoAccident()
    {
        _bench.Start();
        _bench.OpenPort();
        // Nothing to read in what the driver sends, nothing to write in what it offers.
        OfferWritable(5);
        OfferWritable(3);
        OfferWritable(1);
        Assert.Equal(1, _bench.CountTaken(5));
        Assert.False(NeedsReset);
        Assert.Empty(_user.Taken);

        Assert.Equal(16 * 4096, _bench.Device.Write(new byte[16 * 4096]));
        _bench.Send(4, [1, 2, 3]);
        Assert.Equal(0, _bench.Device.Write([1]));
        Assert.True(NeedsReset);
        Assert.Equal(["opened", "closed"], _user.Log);
        AssertWorksAfterReset();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Ring_OutOfOrder_BreaksTheDeviceOnly(int queue)
    {
        _bench.Start(control: 0, port: 0);
        _bench.OpenPort();
        _bench.Queues[queue].AvailableIndex += 1000;
        _bench.Driver.Kick(queue);
        _bench.Pump();
        if (queue == 4)
        {
            // Nobody looks there before there is something to say.
            Assert.Equal(0, _bench.Device.Write([1]));
        }

        Assert.True(NeedsReset);
        AssertWorksAfterReset();
    }

    [Fact]
    public void BuffersOutsideMemory_BreakTheDeviceOnly()
    {
        _bench.Start();
        _bench.OpenPort();
        _bench.Queues[5].Offer(DriverBuffer.Readable(_bench.Memory.End - 4, 4096));
        _bench.Driver.Kick(5);
        _bench.Pump();
        Assert.True(NeedsReset);
        Assert.Equal(["opened", "closed"], _user.Log);
        AssertWorksAfterReset();
    }

    [Fact]
    public void Queues_NotEnabled_AreNotThere()
    {
        _bench.Driver.Negotiate(ConsoleBench.Features);
        _bench.Driver.SetDriverOk();
        _bench.Pump();
        _bench.Device.HangUp();
        Assert.Equal(0, _bench.Device.Write([1]));
        Assert.False(NeedsReset);
        AssertWorksAfterReset();
    }

    [Fact]
    public void Flood_TurnsAreBounded_AndNothingIsKept()
    {
        _bench.Start();
        _bench.OpenPort();
        _user.Appetite = 3;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 20_000; round++)
        {
            _bench.Driver.Kick(5);
            _bench.Pump();
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
        Assert.Empty(_user.Taken);
        _bench.Send(5, new byte[5 * 4096]);
        Assert.Equal(3 * 4096, _user.Taken.Count);
    }

    [Fact]
    public void RandomDrivers_NeverThrow()
    {
        var random = new Random(20261126);
        for (int round = 0; round < 60; round++)
        {
            _user.Appetite = random.Next(50);
            _bench.Start(control: random.Next(8), controlSize: random.Next(1, 64), port: random.Next(8), size: random.Next(1, 5000));
            if (random.Next(4) != 0)
            {
                _bench.OpenPort();
            }

            for (int step = 0; step < 40; step++)
            {
                Step(random);
            }
        }

        _user.Appetite = int.MaxValue;
        AssertWorksAfterReset();
    }

    private void Step(Random random)
    {
        int queue = random.Next(6);
        switch (random.Next(9))
        {
            case 0:
                _bench.SendControl((uint)random.Next(3), (VirtioConsoleEvent)random.Next(9), (ushort)random.Next(2));
                break;
            case 1:
                _bench.Device.HangUp();
                break;
            case 2:
                _ = _bench.Device.Write(new byte[random.Next(1, 9000)]);
                break;
            case 3:
                _user.Appetite = random.Next(5);
                _bench.Device.ReadOn();
                break;
            case 4:
                _bench.Queues[queue].AvailableEntry(random.Next(64)) = (ushort)random.Next(70);
                break;
            case 5:
                _bench.Queues[queue].AvailableIndex += (ushort)random.Next(3);
                break;
            case 6:
                random.NextBytes(_bench.Memory.Span(_bench.Queues[queue].Layout.DescriptorTable, 16 * random.Next(1, 64)));
                break;
            default:
                byte[] bytes = new byte[random.Next(1, 3000)];
                random.NextBytes(bytes);
                _bench.Memory.Allocate(bytes);
                break;
        }

        _bench.Driver.Kick(queue);
        _bench.Pump();
    }

    private void OfferWritable(int queue)
    {
        _bench.Queues[queue].Offer(DriverBuffer.Writable(_bench.Memory.Allocate(64), 64));
        _bench.Kick(queue);
        _bench.Pump();
    }

    private void AssertWorksAfterReset()
    {
        _user.Log.Clear();
        _user.Taken.Clear();
        _bench.Start();
        _bench.OpenPort();
        _bench.Send(5, [42]);
        Assert.False(NeedsReset);
        Assert.Equal([42], _user.Taken);
        Assert.Equal(1, _bench.Device.Write([43]));
        Assert.Equal([43], Assert.Single(_bench.Collect(4)));
    }
}
