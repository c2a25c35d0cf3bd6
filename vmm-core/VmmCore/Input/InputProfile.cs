using System.Text;
using SplitVmm.Wires.Input;
using static SplitVmm.VmmCore.Input.EvdevCodes;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// What one input device says of itself: names, properties, and which events it can send. The devices are the
/// kinds of the input wire.
/// </summary>
public sealed class InputProfile
{
    // 0x1AF4 is the vendor of virtio; the product numbers are those of the wire's kinds.
    private const ushort Vendor = 0x1AF4;

    private readonly Dictionary<ushort, CodeSet> _events = [];
    private readonly Dictionary<ushort, VirtioInputAbsInfo> _axes = [];

    private InputProfile(InputDeviceKind kind, string name)
    {
        Kind = kind;
        Name = Encoding.ASCII.GetBytes(name);
        Serial = Encoding.ASCII.GetBytes(kind.ToString());
        Ids = new VirtioInputDevids { Bustype = BUS_VIRTUAL, Vendor = Vendor, Product = (ushort)kind, Version = 1 };
    }

    public InputDeviceKind Kind { get; }

    public VirtioInputDevids Ids { get; }

    /// <summary>Shown by the guest, ASCII without terminator.</summary>
    public ReadOnlyMemory<byte> Name { get; }

    public ReadOnlyMemory<byte> Serial { get; }

    /// <summary>INPUT_PROP_* bits.</summary>
    public CodeSet Properties { get; } = new();

    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static InputProfile Of(InputDeviceKind kind) => kind switch
    {
        InputDeviceKind.Keyboard => Keyboard(),
        InputDeviceKind.Tablet => Pointer(kind, "SplitVmm Tablet").AddAxes(ABS_X, ABS_Y),
        InputDeviceKind.Mouse => Pointer(kind, "SplitVmm Mouse").Add(EV_REL, REL_X, REL_Y),
        InputDeviceKind.Touch => TouchScreen(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such input device"),
    };

    /// <summary>Codes of an event type; null if the device has none of it.</summary>
    public CodeSet? Codes(ushort type) => _events.GetValueOrDefault(type);

    public bool TryGetAxis(ushort code, out VirtioInputAbsInfo axis) => _axes.TryGetValue(code, out axis);

    /// <summary>Whether the device has announced the event; SYN_REPORT goes without saying.</summary>
    public bool Announces(in InputEvent item) => item.Type == EV_SYN
        ? item.Code == SYN_REPORT
        : Codes(item.Type) is { } codes && codes.Contains(item.Code);

    private static InputProfile Keyboard()
    {
        // Of the numbers above 255 only those that PC keyboards have: remote controls and game pads are among the
        // others, and a desktop would take the device for one of these.
        InputProfile profile = new InputProfile(InputDeviceKind.Keyboard, "SplitVmm Keyboard")
            .AddRange(EV_KEY, KEY_ESC, KEY_MICMUTE)
            .Add(EV_KEY, KEY_SELECT, KEY_CLEAR)
            .AddRange(EV_LED, LED_NUML, LED_KANA);

        // With EV_REP the guest's kernel repeats keys by itself.
        return profile.Add(EV_REP, REP_DELAY, REP_PERIOD);
    }

    private static InputProfile Pointer(InputDeviceKind kind, string name) => new InputProfile(kind, name)
        .AddRange(EV_KEY, BTN_LEFT, BTN_TASK)
        .Add(EV_REL, REL_WHEEL, REL_HWHEEL, REL_WHEEL_HI_RES, REL_HWHEEL_HI_RES);

    private static InputProfile TouchScreen()
    {
        InputProfile profile = new InputProfile(InputDeviceKind.Touch, "SplitVmm Touch Screen")
            .Add(EV_KEY, BTN_TOUCH)
            .AddAxes(ABS_X, ABS_Y, ABS_MT_POSITION_X, ABS_MT_POSITION_Y)
            .AddAxis(ABS_MT_SLOT, InputProtocol.MaxTouchSlots - 1)
            .AddAxis(ABS_MT_TRACKING_ID, ushort.MaxValue);
        profile.Properties.Add(INPUT_PROP_DIRECT);
        return profile;
    }

    private InputProfile Add(ushort type, params ReadOnlySpan<ushort> codes)
    {
        foreach (ushort code in codes)
        {
            AddRange(type, code, code);
        }

        return this;
    }

    private InputProfile AddRange(ushort type, ushort first, int last)
    {
        if (!_events.TryGetValue(type, out CodeSet? codes))
        {
            codes = new CodeSet();
            _events.Add(type, codes);
        }

        for (int code = first; code <= last; code++)
        {
            codes.Add(code);
        }

        return this;
    }

    private InputProfile AddAxes(params ReadOnlySpan<ushort> codes)
    {
        foreach (ushort code in codes)
        {
            AddAxis(code, InputProtocol.AbsoluteMaximum);
        }

        return this;
    }

    private InputProfile AddAxis(ushort code, uint maximum)
    {
        _axes.Add(code, new VirtioInputAbsInfo { Max = maximum });
        return AddRange(EV_ABS, code, code);
    }
}
