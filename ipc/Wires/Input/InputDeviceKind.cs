namespace SplitVmm.Wires.Input;

/// <summary>Which of the guest's input devices a batch is for.</summary>
public enum InputDeviceKind : uint
{
    None = 0,

    /// <summary>EV_KEY of the keyboard, EV_LED back.</summary>
    Keyboard = 1,

    /// <summary>Absolute pointer: ABS_X, ABS_Y, buttons, wheels.</summary>
    Tablet = 2,

    /// <summary>Relative pointer: REL_X, REL_Y, buttons, wheels.</summary>
    Mouse = 3,

    /// <summary>Multi-touch, protocol B: ABS_MT_*, BTN_TOUCH.</summary>
    Touch = 4,
}
