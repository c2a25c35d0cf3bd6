using SplitVmm.DisplayProcess.Input;
using SplitVmm.Harness;
using SplitVmm.Wires.Input;
using Xunit;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.DisplayProcess.Tests.Input;

[Trait("Tier", Tiers.Unit)]
public sealed class TouchContactsTests
{
    private readonly TouchContacts _contacts = new();

    [Fact]
    public void Place_TwoFingers_AreTwoSlotsAndOnlyTheFirstLeads()
    {
        Assert.Equal("slot 0, id 0, mt 10 20, abs 10 20, touch 1", Place(-7, true, 10, 20));
        Assert.Equal("slot 1, id 1, mt 30 40", Place(long.MaxValue, true, 30, 40));
        Assert.Equal("slot 0, mt 11 21, abs 11 21", Place(-7, false, 11, 21));
        Assert.Equal("slot 1, mt 31 40", Place(long.MaxValue, false, 31, 40));
        Assert.Equal("", Place(long.MaxValue, false, 31, 40));
        Assert.Equal("slot 0, id -1", Lift(-7));
        Assert.Equal("slot 1, id -1, touch 0", Lift(long.MaxValue));
    }

    [Fact]
    public void Place_AfterALift_TakesTheFreeSlotUnderANewNumber()
    {
        _ = Place(1, true, 0, 0);
        _ = Place(2, true, 0, 0);
        _ = Lift(1);

        Assert.Equal("slot 0, id 2, mt 5 5", Place(3, true, 5, 5));
    }

    [Fact]
    public void Place_MoreFingersThanSlots_AreNotThere()
    {
        for (int finger = 0; finger < InputProtocol.MaxTouchSlots; finger++)
        {
            Assert.NotEqual("", Place(finger, true, finger, 0));
        }

        Assert.Equal("", Place(100, true, 1, 1));
        Assert.Equal("", Place(100, false, 2, 2));
        Assert.Equal("", Lift(100));
    }

    [Fact]
    public void Place_FingerThatNeverCameDown_TellsNothing() => Assert.Equal("", Place(1, false, 1, 1));

    [Fact]
    public void LiftAny_LiftsAllOneAfterAnother()
    {
        _ = Place(1, true, 0, 0);
        _ = Place(2, true, 0, 0);

        Assert.Equal(["slot 0, id -1", "slot 1, id -1, touch 0", ""], [LiftAny(), LiftAny(), LiftAny()]);
    }

    [Fact]
    public void Place_RandomFingers_IsWhatTheDeviceAnnounces()
    {
        var random = new Random(3);
        Span<InputEvent> events = stackalloc InputEvent[TouchContacts.MostEvents + 1];
        for (int i = 0; i < 100_000; i++)
        {
            int count = random.Next(3) == 0
                ? _contacts.Lift(random.Next(14), events)
                : _contacts.Place(random.Next(14), random.Next(2) == 0, random.Next(0x8000), random.Next(0x8000), events);
            if (count > 0)
            {
                events[count++] = new InputEvent(EV_SYN, SYN_REPORT, 0);
                Assert.Null(InputValidation.Check(InputDeviceKind.Touch, events[..count]));
            }
        }
    }

    private string Place(long finger, bool isNew, int x, int y)
    {
        Span<InputEvent> events = stackalloc InputEvent[TouchContacts.MostEvents];
        return Text(events[.._contacts.Place(finger, isNew, x, y, events)]);
    }

    private string Lift(long finger)
    {
        Span<InputEvent> events = stackalloc InputEvent[TouchContacts.MostEvents];
        return Text(events[.._contacts.Lift(finger, events)]);
    }

    private string LiftAny()
    {
        Span<InputEvent> events = stackalloc InputEvent[TouchContacts.MostEvents];
        return Text(events[.._contacts.LiftAny(events)]);
    }

    private static string Text(ReadOnlySpan<InputEvent> events)
    {
        string text = "";
        foreach (InputEvent item in events)
        {
            text += (item.Type, item.Code) switch
            {
                (EV_ABS, ABS_MT_SLOT) => $", slot {item.Value}",
                (EV_ABS, ABS_MT_TRACKING_ID) => $", id {item.Value}",
                (EV_ABS, ABS_MT_POSITION_X) => $", mt {item.Value}",
                (EV_ABS, ABS_X) => $", abs {item.Value}",
                (EV_ABS, ABS_MT_POSITION_Y or ABS_Y) => $" {item.Value}",
                (EV_KEY, BTN_TOUCH) => $", touch {item.Value}",
                _ => $", type {item.Type} code {item.Code}",
            };
        }

        return text.TrimStart(',', ' ');
    }
}
