using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.DisplayProcess.Clipboard;
using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>The desktop's clipboard by SDL, which knows text only.</summary>
internal sealed unsafe class SdlClipboard : IClipboard
{
    public event Action? Changed;

    public bool HasFocus => Sdl2.SDL_GetKeyboardFocus() != 0;

    public string? Read(int mostBytes, out bool tooLong)
    {
        byte* text = Sdl2.SDL_GetClipboardText();
        try
        {
            // A C string that is ours until it is given back; null where memory is short.
            ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
            tooLong = bytes.Length > mostBytes;
            return tooLong || bytes.IsEmpty ? null : Encoding.UTF8.GetString(bytes);
        }
        finally
        {
            Sdl2.SDL_free(text);
        }
    }

    public string? Write(string text) => Sdl2.SDL_SetClipboardText(text) == 0 ? null : Sdl2.LastError();

    /// <summary>The clipboard may have changed, or a window has got the focus. Without the focus nothing is read.</summary>
    public void Look()
    {
        if (HasFocus)
        {
            Changed?.Invoke();
        }
    }
}
