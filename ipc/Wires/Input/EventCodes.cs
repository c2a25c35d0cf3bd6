namespace SplitVmm.Wires.Input;

/// <summary>The numbers of <c>linux/input-event-codes.h</c> that the wire's own rules name; keys are just numbers here.</summary>
public static class EventCodes
{
    public const ushort EV_SYN = 0x00;
    public const ushort EV_KEY = 0x01;
    public const ushort EV_REL = 0x02;
    public const ushort EV_ABS = 0x03;

    public const ushort SYN_REPORT = 0;

    /// <summary>Keyboard keys are 1 up to below BTN_MISC, and KEY_OK up to KEY_MAX.</summary>
    public const ushort BTN_MISC = 0x100;
    public const ushort KEY_OK = 0x160;
    public const ushort KEY_MAX = 0x2FF;

    public const ushort BTN_LEFT = 0x110;
    public const ushort BTN_RIGHT = 0x111;
    public const ushort BTN_MIDDLE = 0x112;
    public const ushort BTN_SIDE = 0x113;
    public const ushort BTN_EXTRA = 0x114;
    public const ushort BTN_TASK = 0x117;
    public const ushort BTN_TOUCH = 0x14A;

    public const ushort REL_X = 0x00;
    public const ushort REL_Y = 0x01;
    public const ushort REL_HWHEEL = 0x06;
    public const ushort REL_WHEEL = 0x08;

    /// <summary>Wheel movement in 120ths of a notch; sent beside REL_WHEEL.</summary>
    public const ushort REL_WHEEL_HI_RES = 0x0B;
    public const ushort REL_HWHEEL_HI_RES = 0x0C;

    public const ushort ABS_X = 0x00;
    public const ushort ABS_Y = 0x01;
    public const ushort ABS_MT_SLOT = 0x2F;
    public const ushort ABS_MT_POSITION_X = 0x35;
    public const ushort ABS_MT_POSITION_Y = 0x36;
    public const ushort ABS_MT_TRACKING_ID = 0x39;
}
