namespace SplitVmm.Wires.Input;

/// <summary>Keyboard lights: bit LED_x of <c>linux/input-event-codes.h</c>.</summary>
[Flags]
public enum LedStates : uint
{
    None = 0,
    LED_NUML = 1 << 0,
    LED_CAPSL = 1 << 1,
    LED_SCROLLL = 1 << 2,
    LED_COMPOSE = 1 << 3,
    LED_KANA = 1 << 4,
    All = LED_NUML | LED_CAPSL | LED_SCROLLL | LED_COMPOSE | LED_KANA,
}
