using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.Wires.Input;
using Xunit;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.VmmCore.Tests.Input;

/// <summary>Whole reports or none, and no key left behind (virtio 1.3 section 5.8.6).</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InputReportTests
{
    private const ushort KeyA = 30;
    private const ushort KeyB = 48;

    private static readonly (ushort, ushort, int) Syn = (EV_SYN, SYN_REPORT, 0);

    [Fact]
    public void Report_BuffersThere_ArrivesWholeAndInterrupts()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Start(buffers: 8);

        bench.Report(new InputEvent(EV_ABS, ABS_X, 100), new InputEvent(EV_ABS, ABS_Y, 200), new InputEvent(EV_KEY, BTN_LEFT, 1));

        Assert.Equal([(EV_ABS, ABS_X, 100), (EV_ABS, ABS_Y, 200), (EV_KEY, BTN_LEFT, 1), Syn], bench.Collect());
        Assert.Equal(1u, bench.TakeIsr());
        Assert.Equal(0u, bench.TakeIsr());
    }

    [Fact]
    public void Report_TooFewBuffers_WaitsForTheRest()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 1);

        bench.Key(KeyA, true);
        Assert.Empty(bench.Collect());

        bench.OfferBuffers(1);
        bench.Pump();
        Assert.Equal([(EV_KEY, KeyA, 1), Syn], bench.Collect());
    }

    [Fact]
    public void Report_EventNotAnnounced_IsLeftOut()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 8);

        bench.Report(new InputEvent(EV_KEY, BTN_LEFT, 1), new InputEvent(EV_KEY, KeyA, 1), new InputEvent(EV_ABS, ABS_X, 1));
        bench.Report(new InputEvent(EV_KEY, 250, 1));

        Assert.Equal([(EV_KEY, KeyA, 1), Syn], bench.Collect());
    }

    [Fact]
    public void Report_SlowGuest_GetsEverythingInOrder()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 4);
        for (int i = 0; i < 50; i++)
        {
            bench.Key((ushort)(1 + (i % 40)), true);
            bench.Key((ushort)(1 + (i % 40)), false);
        }

        List<(ushort Type, ushort Code, int Value)> got = Drain(bench);

        Assert.Equal(200, got.Count);
        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal((EV_KEY, (ushort)(1 + (i % 40)), 1), got[4 * i]));
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(Syn, got[(2 * i) + 1]));
    }

    [Fact]
    public void Overflow_DropsWholeReportsAndLeavesNoKeyStuck()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 0);
        bench.Key(KeyA, true);
        for (int i = 0; i < 2000; i++)
        {
            bench.Key(KeyB, i % 2 == 0);
        }

        bench.Key(KeyA, false);
        bench.Key(KeyB, true);

        List<(ushort Type, ushort Code, int Value)> got = Drain(bench);

        Assert.InRange(got.Count, 1000, 2500);
        AssertFramed(got);
        Assert.Equal(0, got.Last(item => item.Code == KeyA).Value);
        Assert.Equal(1, got.Last(item => item.Type == EV_KEY && item.Code == KeyB).Value);
        bench.Key(KeyB, false);
        Assert.Equal([(EV_KEY, KeyB, 0), Syn], bench.Collect());
    }

    [Fact]
    public void Overflow_LastPositionArrives()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Start(buffers: 0);
        for (int i = 0; i <= 3000; i++)
        {
            bench.Report(new InputEvent(EV_ABS, ABS_X, i), new InputEvent(EV_ABS, ABS_Y, 2 * i));
        }

        List<(ushort Type, ushort Code, int Value)> got = Drain(bench);

        AssertFramed(got);
        Assert.Equal(3000, got.Last(item => item.Type == EV_ABS && item.Code == ABS_X).Value);
        Assert.Equal(6000, got.Last(item => item.Type == EV_ABS && item.Code == ABS_Y).Value);
    }

    [Fact]
    public void Overflow_Touch_ContactsAndSlotAreRight()
    {
        using var bench = new InputBench(InputDeviceKind.Touch);
        bench.Start(buffers: 0);
        bench.Report(Slot(0), Tracking(7), Position(10), Slot(1), Tracking(8), Position(20));
        for (int i = 0; i < 3000; i++)
        {
            bench.Report(Slot(1), Position(i));
        }

        bench.Report(Slot(0), Tracking(-1), Slot(3), Tracking(9), Position(5));

        Dictionary<int, int> contacts = [];
        int slot = 0;
        foreach ((ushort type, ushort code, int value) in Drain(bench))
        {
            slot = type == EV_ABS && code == ABS_MT_SLOT ? value : slot;
            if (type == EV_ABS && code == ABS_MT_TRACKING_ID)
            {
                contacts[slot] = value;
            }
        }

        Assert.Equal(3, slot);
        Assert.Equal(new Dictionary<int, int> { [0] = -1, [1] = 8, [3] = 9 }, contacts);
    }

    [Fact]
    public void Release_SourceGone_ReleasesEveryKey()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 16);
        bench.Key(KeyA, true);
        bench.Key(KeyB, true);
        bench.Collect();

        bench.Device.Release();

        Assert.Equal([(EV_KEY, KeyA, 0), (EV_KEY, KeyB, 0), Syn], bench.Collect());
        bench.Device.Release();
        Assert.Empty(bench.Collect());
    }

    [Fact]
    public void Start_KeyHeldDown_TellsTheNewDriver()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Key(KeyA, true);

        bench.Start(buffers: 8);

        Assert.Equal([(EV_KEY, KeyA, 1), Syn], bench.Collect());
    }

    [Fact]
    public void Reset_ForgetsTheBacklog()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 0);
        bench.Key(KeyA, true);
        bench.Key(KeyA, false);

        bench.Start(buffers: 8);

        Assert.Empty(bench.Collect());
    }

    [Fact]
    public void Reset_OldBuffersAreNotTouched()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 8);
        DriverQueue old = bench.Events;

        bench.Driver.Status = VirtioStatus.None;
        bench.Pump();
        bench.Key(KeyA, true);

        Assert.Equal(0, old.UsedIndex);
    }

    [Fact]
    public void Lights_FromTheStatusQueue_AreRaisedOnce()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 8);
        List<LedStates> seen = [];
        bench.Device.LedsChanged += seen.Add;

        bench.SendStatus(0x11, 1, 1);
        bench.SendStatus(0x11, 1, 1);
        bench.SendStatus(0x11, 0, 1);
        bench.SendStatus(0x11, 1, 0);
        bench.SendStatus(0x11, 31, 1);
        bench.SendStatus(0x14, 0, 250);

        Assert.Equal([LedStates.LED_CAPSL, LedStates.LED_CAPSL | LedStates.LED_NUML, LedStates.LED_NUML], seen);
        int used = 0;
        while (bench.Status.TryCollect(out _, out uint written))
        {
            Assert.Equal(0u, written);
            used++;
        }

        Assert.Equal(6, used);
    }

    [Fact]
    public void Lights_OfADeviceWithoutThem_AreNotRaised()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Start(buffers: 8);
        bench.Device.LedsChanged += lit => Assert.Fail($"{lit}");

        bench.SendStatus(0x11, 1, 1);

        Assert.True(bench.Status.TryCollect(out _, out _));
    }

    [Fact]
    public void Buffer_TooSmall_NeedsReset()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 0);
        bench.OfferBuffers(2, size: 4);

        bench.Key(KeyA, true);

        Assert.NotEqual(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        bench.Start(buffers: 4);
        Assert.Equal([(EV_KEY, KeyA, 1), Syn], bench.Collect());
    }

    [Fact]
    public void Ring_Corrupt_NeedsReset()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);
        bench.Start(buffers: 0);
        bench.Events.AvailableIndex = 1000;

        bench.Key(KeyA, true);

        Assert.NotEqual(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        Assert.Equal(2u, bench.TakeIsr());
        bench.Key(KeyA, false);
        Assert.Equal(0u, bench.TakeIsr());
    }

    [Fact]
    public void Ring_OutsideMemory_NeedsReset()
    {
        using var bench = new InputBench(InputDeviceKind.Keyboard);

        bench.Driver.Start();

        Assert.NotEqual(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
    }

    [Fact]
    public void Queue_SmallerThanAReport_CatchesUpInParts()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Start(buffers: 2, queueSize: 2);

        bench.Report(new InputEvent(EV_ABS, ABS_X, 1), new InputEvent(EV_ABS, ABS_Y, 2));
        List<(ushort Type, ushort Code, int Value)> got = Drain(bench, buffers: 2);

        Assert.Equal([(EV_ABS, ABS_X, 1), Syn, (EV_ABS, ABS_Y, 2), Syn], got);
    }

    [Fact]
    public void Report_InSteadyState_AllocatesNothing()
    {
        using var bench = new InputBench(InputDeviceKind.Tablet);
        bench.Start(buffers: 64);
        InputEvent[] report = [new InputEvent(EV_ABS, ABS_X, 1), new InputEvent(EV_SYN, SYN_REPORT, 0)];
        for (int i = 0; i < 4; i++)
        {
            bench.Device.Report(report);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 24; i++)
        {
            bench.Device.Report(report);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(56, bench.Collect().Count);
    }

    private static InputEvent Slot(int slot) => new(EV_ABS, ABS_MT_SLOT, slot);

    private static InputEvent Tracking(int id) => new(EV_ABS, ABS_MT_TRACKING_ID, id);

    private static InputEvent Position(int x) => new(EV_ABS, ABS_MT_POSITION_X, x);

    private static List<(ushort Type, ushort Code, int Value)> Drain(InputBench bench, int buffers = 16)
    {
        List<(ushort, ushort, int)> all = [];
        for (int idle = 0; idle < 4; idle++)
        {
            bench.OfferBuffers(Math.Min(buffers, bench.Events.FreeDescriptors));
            bench.Pump();
            List<(ushort, ushort, int)> some = bench.Collect();
            all.AddRange(some);
            idle = some.Count > 0 ? 0 : idle;
        }

        return all;
    }

    // Every report has something to say and ends with SYN_REPORT.
    private static void AssertFramed(List<(ushort Type, ushort Code, int Value)> events)
    {
        Assert.Equal(Syn, events[^1]);
        for (int i = 0; i < events.Count; i++)
        {
            Assert.False(events[i] == Syn && (i == 0 || events[i - 1] == Syn));
        }
    }
}
