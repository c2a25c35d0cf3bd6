using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Bus;
using SplitVmm.DesktopService.Bus.Wire;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Input;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>
/// One monitor of the machine, with a keyboard, a mouse and a touch screen. The last one is there also where the guest has none, and its
/// calls fail: libmks 0.1.5 takes no key and no movement from its user where an interface is missing.
/// </summary>
internal sealed class ConsoleView : BusObject
{
    private static readonly string[] s_interfaces = [ViewerNames.Console, ViewerNames.Keyboard, ViewerNames.Mouse, ViewerNames.MultiTouch];

    private readonly int _head;
    private readonly DisplayAccess _display;
    private volatile ConsoleReport _consoles = new();

    public ConsoleView(DBusConnection connection, int head, DisplayAccess display)
        : base(connection, ViewerNames.PathOfConsole(head), s_interfaces)
    {
        _head = head;
        _display = display;
        Methods =
        [
            new(ViewerNames.Console, "RegisterListener", "h", RegisterAsync),
            new(ViewerNames.Console, "SetUIInfo", "qqiiuu", ResizeAsync),
            new(ViewerNames.Keyboard, "Press", "u", call => KeyAsync(call, down: true)),
            new(ViewerNames.Keyboard, "Release", "u", call => KeyAsync(call, down: false)),
            new(ViewerNames.Mouse, "Press", "u", call => ButtonAsync(call, down: true)),
            new(ViewerNames.Mouse, "Release", "u", call => ButtonAsync(call, down: false)),
            new(ViewerNames.Mouse, "SetAbsPosition", "uu", PlaceAsync),
            new(ViewerNames.Mouse, "RelMotion", "ii", MoveAsync),
            new(ViewerNames.MultiTouch, "SendEvent", "utdd", TouchAsync),
        ];
    }

    public override IReadOnlyList<BusProperty> Properties
    {
        get
        {
            ConsoleSize size = SizeIn(_consoles);
            return
            [
                BusProperty.Text("Label", $"Monitor {_head + 1}"),
                BusProperty.Count("Head", (uint)_head),
                BusProperty.Text("Type", "Graphic"),
                BusProperty.Count("Width", size.Width),
                BusProperty.Count("Height", size.Height),
                BusProperty.Text("DeviceAddress", ""),
                BusProperty.Texts("Interfaces", s_interfaces[1..]),
            ];
        }
    }

    /// <summary>Every interface of such an object that has properties.</summary>
    public static IReadOnlyList<string> Interfaces => s_interfaces;

    protected override IReadOnlyList<BusMethod> Methods { get; }

    public override IReadOnlyList<BusProperty> PropertiesOf(string @interface) => @interface switch
    {
        ViewerNames.Keyboard => [BusProperty.Count("Modifiers", _consoles.Lights)],
        ViewerNames.Mouse => [BusProperty.Flag("IsAbsolute", true)],
        ViewerNames.MultiTouch => [BusProperty.Whole("MaxSlots", InputProtocol.MaxTouchSlots)],
        _ => base.PropertiesOf(@interface),
    };

    /// <summary>What display-process tells of all heads.</summary>
    /// <param name="isTold">Changes are signalled; there is a connection to the bus.</param>
    public void OnConsoles(ConsoleReport consoles, bool isTold)
    {
        ConsoleReport before = _consoles;
        _consoles = consoles;
        if (!isTold)
        {
            return;
        }

        if (!SizeIn(before).Equals(SizeIn(consoles)))
        {
            EmitChanged(ViewerNames.Console, [.. Properties.Where(property => property.Name is "Width" or "Height")]);
        }

        if (before.Lights != consoles.Lights)
        {
            EmitChanged(ViewerNames.Keyboard, PropertiesOf(ViewerNames.Keyboard));
        }
    }

    private ConsoleSize SizeIn(ConsoleReport consoles) => _head < consoles.Sizes.Count ? consoles.Sizes[_head] : new ConsoleSize();

    private Task<BusError?> RegisterAsync(BusCall call)
    {
        Reader body = call.Body;
        Descriptor? socket = body.ReadHandle<Descriptor>();
        return socket is null
            ? Task.FromResult<BusError?>(DisplayAccess.Invalid("no descriptor came with the call"))
            : AnswerAsync(call, _display.AttachAsync(_head, socket));
    }

    private Task<BusError?> ResizeAsync(BusCall call)
    {
        Reader body = call.Body;
        uint widthMm = body.ReadUInt16();
        uint heightMm = body.ReadUInt16();
        // The place of the window on its desktop: the guest's monitors stand in a row.
        _ = body.ReadInt32();
        _ = body.ReadInt32();
        var size = new ViewerSize { Head = (uint)_head, WidthMm = widthMm, HeightMm = heightMm, Width = body.ReadUInt32(), Height = body.ReadUInt32() };
        return AnswerAsync(call, _display.SendAsync(new DisplayCommand { ViewerSize = size }));
    }

    private Task<BusError?> KeyAsync(BusCall call, bool down)
    {
        Reader body = call.Body;
        return InputAsync(call, new ViewerInput { Key = new ViewerKey { Number = body.ReadUInt32(), Down = down } });
    }

    private Task<BusError?> ButtonAsync(BusCall call, bool down)
    {
        Reader body = call.Body;
        return InputAsync(call, new ViewerInput { Button = new ViewerButton { Number = body.ReadUInt32(), Down = down } });
    }

    private Task<BusError?> PlaceAsync(BusCall call)
    {
        Reader body = call.Body;
        return InputAsync(call, new ViewerInput { Position = new ViewerPosition { Head = (uint)_head, X = body.ReadUInt32(), Y = body.ReadUInt32() } });
    }

    private Task<BusError?> MoveAsync(BusCall call)
    {
        Reader body = call.Body;
        return InputAsync(call, new ViewerInput { Motion = new ViewerMotion { X = body.ReadInt32(), Y = body.ReadInt32() } });
    }

    private Task<BusError?> TouchAsync(BusCall call)
    {
        Reader body = call.Body;
        uint step = body.ReadUInt32();
        ulong slot = body.ReadUInt64();
        if (step > (uint)TouchStep.Cancel || slot > int.MaxValue)
        {
            return Task.FromResult<BusError?>(DisplayAccess.Invalid($"there is no kind {step}, or no slot {slot}"));
        }

        return InputAsync(call, new ViewerInput
        {
            Touch = new ViewerTouch { Head = (uint)_head, Step = (TouchStep)step, Slot = (uint)slot, X = body.ReadDouble(), Y = body.ReadDouble() },
        });
    }

    private Task<BusError?> InputAsync(BusCall call, ViewerInput input) =>
        AnswerAsync(call, _display.SendAsync(new DisplayCommand { ViewerInput = input }));

    private static async Task<BusError?> AnswerAsync(BusCall call, Task<BusError?> action)
    {
        BusError? error = await action.ConfigureAwait(false);
        if (error is null)
        {
            call.Reply();
        }

        return error;
    }
}
