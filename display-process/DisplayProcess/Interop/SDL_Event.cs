using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>
/// The union <c>SDL_Event</c> of <c>SDL_events.h</c>, 56 bytes: the members of the window, keyboard, mouse, finger
/// and user events that are read here, at their offsets. Which are valid follows from <see cref="Type"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal struct SDL_Event
{
    public const uint SDL_QUIT = 0x100;
    public const uint SDL_WINDOWEVENT = 0x200;
    public const uint SDL_KEYDOWN = 0x300;
    public const uint SDL_KEYUP = 0x301;
    public const uint SDL_MOUSEMOTION = 0x400;
    public const uint SDL_MOUSEBUTTONDOWN = 0x401;
    public const uint SDL_MOUSEBUTTONUP = 0x402;
    public const uint SDL_MOUSEWHEEL = 0x403;
    public const uint SDL_FINGERDOWN = 0x700;
    public const uint SDL_FINGERUP = 0x701;
    public const uint SDL_FINGERMOTION = 0x702;
    public const uint SDL_CLIPBOARDUPDATE = 0x900;
    public const uint SDL_RENDER_TARGETS_RESET = 0x2000;
    public const uint SDL_RENDER_DEVICE_RESET = 0x2001;

    public const byte SDL_WINDOWEVENT_SHOWN = 1;
    public const byte SDL_WINDOWEVENT_HIDDEN = 2;
    public const byte SDL_WINDOWEVENT_EXPOSED = 3;
    public const byte SDL_WINDOWEVENT_SIZE_CHANGED = 6;
    public const byte SDL_WINDOWEVENT_MINIMIZED = 7;
    public const byte SDL_WINDOWEVENT_RESTORED = 9;
    public const byte SDL_WINDOWEVENT_ENTER = 10;
    public const byte SDL_WINDOWEVENT_FOCUS_GAINED = 12;
    public const byte SDL_WINDOWEVENT_FOCUS_LOST = 13;
    public const byte SDL_WINDOWEVENT_CLOSE = 14;
    public const byte SDL_WINDOWEVENT_DISPLAY_CHANGED = 18;

    public const uint SDL_MOUSEWHEEL_FLIPPED = 1;

    /// <summary>A finger that acts as a mouse.</summary>
    public const uint SDL_TOUCH_MOUSEID = uint.MaxValue;

    [FieldOffset(0)] public uint Type;

    /// <summary>Zero if the event is for no window.</summary>
    [FieldOffset(8)] public uint WindowId;

    /// <summary>SDL_WINDOWEVENT_x.</summary>
    [FieldOffset(12)] public byte WindowEvent;

    [FieldOffset(16)] public int WindowData1;
    [FieldOffset(20)] public int WindowData2;

    /// <summary>Of an event that was registered: a number of its maker's.</summary>
    [FieldOffset(12)] public int UserCode;

    /// <summary>The same.</summary>
    [FieldOffset(16)] public nint UserData;

    /// <summary>Which mouse, or <see cref="SDL_TOUCH_MOUSEID"/>.</summary>
    [FieldOffset(12)] public uint MouseId;

    /// <summary>Not 0: the key is held and the system repeats it.</summary>
    [FieldOffset(13)] public byte KeyRepeat;

    [FieldOffset(16)] public SdlScancode KeyScancode;

    /// <summary>KMOD_x bits.</summary>
    [FieldOffset(24)] public ushort KeyModifiers;

    [FieldOffset(20)] public int MotionX;
    [FieldOffset(24)] public int MotionY;
    [FieldOffset(28)] public int MotionRelativeX;
    [FieldOffset(32)] public int MotionRelativeY;

    /// <summary>SDL_BUTTON_x: 1 left, 2 middle, 3 right, 4 and 5 side.</summary>
    [FieldOffset(16)] public byte Button;

    [FieldOffset(20)] public int ButtonX;
    [FieldOffset(24)] public int ButtonY;

    [FieldOffset(24)] public uint WheelDirection;

    [FieldOffset(16)] public long FingerId;

    /// <summary>0 to 1 over the window's width.</summary>
    [FieldOffset(24)] public float FingerX;

    /// <summary>0 to 1 over the window's height.</summary>
    [FieldOffset(28)] public float FingerY;

    /// <summary>As <see cref="WindowId"/>, in the finger's events.</summary>
    [FieldOffset(44)] public uint FingerWindowId;

    /// <summary>Notches to the right; fractions from touch pads.</summary>
    [FieldOffset(28)] public float WheelPreciseX;

    /// <summary>Notches away from the user; fractions from touch pads.</summary>
    [FieldOffset(32)] public float WheelPreciseY;
}
