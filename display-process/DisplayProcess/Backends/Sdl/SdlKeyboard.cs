using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>Keys to the guest, but for Ctrl+Alt+G (grab) and Ctrl+Alt+F (full screen).</summary>
internal sealed class SdlKeyboard(InputReporter input)
{
    public void OnKey(SdlWindow window, in SDL_Event item)
    {
        // The guest repeats held keys itself.
        if (item.KeyRepeat != 0)
        {
            return;
        }

        bool down = item.Type == SDL_Event.SDL_KEYDOWN;
        if (down && IsHotkey(window, in item))
        {
            return;
        }

        // The release of a hotkey's letter is dropped there: it was never pressed for the guest.
        input.Press(ScancodeTable.KeyFor(item.KeyScancode), down);
    }

    private static bool IsHotkey(SdlWindow window, in SDL_Event item)
    {
        if ((item.KeyModifiers & Sdl2.KMOD_CTRL) == 0 || (item.KeyModifiers & Sdl2.KMOD_ALT) == 0)
        {
            return false;
        }

        switch (item.KeyScancode)
        {
            case SdlScancode.SDL_SCANCODE_G:
                window.ToggleGrab();
                return true;
            case SdlScancode.SDL_SCANCODE_F:
                window.ToggleFullScreen();
                return true;
            default:
                return false;
        }
    }
}
