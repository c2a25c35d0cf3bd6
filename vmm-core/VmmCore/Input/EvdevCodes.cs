namespace SplitVmm.VmmCore.Input;

/// <summary>Numbers of <c>linux/input-event-codes.h</c> beyond those that the input wire names itself.</summary>
internal static class EvdevCodes
{
    public const ushort EV_LED = 0x11;
    public const ushort EV_REP = 0x14;

    public const ushort REP_DELAY = 0;
    public const ushort REP_PERIOD = 1;

    public const ushort LED_NUML = 0;
    public const ushort LED_KANA = 4;

    public const ushort KEY_ESC = 1;
    public const ushort KEY_MICMUTE = 248;
    public const ushort KEY_SELECT = 0x161;
    public const ushort KEY_CLEAR = 0x163;

    public const ushort INPUT_PROP_DIRECT = 1;

    public const ushort BUS_VIRTUAL = 6;

    public const int KEY_CNT = 0x300;
    public const int ABS_CNT = 0x40;
}
