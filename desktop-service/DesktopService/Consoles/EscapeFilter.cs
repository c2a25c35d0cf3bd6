namespace SplitVmm.DesktopService.Consoles;

/// <summary>
/// Finds the escapes among the keys: Ctrl-A x ends, Ctrl-A h helps, Ctrl-A Ctrl-A (or a) is one Ctrl-A for the guest,
/// Ctrl-A and anything else is swallowed, as QEMU does it.
/// </summary>
internal sealed class EscapeFilter
{
    private const byte CtrlA = 0x01;
    private bool _escaped;

    public const string Help = "Ctrl-A x: power the guest off (again: at once)   Ctrl-A Ctrl-A: send Ctrl-A   Ctrl-A h: this help";

    /// <param name="key">One byte from the terminal.</param>
    /// <param name="forGuest">The byte to pass on, if the answer is <see cref="KeyMeaning.Pass"/>.</param>
    public KeyMeaning Take(byte key, out byte forGuest)
    {
        forGuest = key;
        if (!_escaped)
        {
            _escaped = key == CtrlA;
            return _escaped ? KeyMeaning.Swallow : KeyMeaning.Pass;
        }

        _escaped = false;
        forGuest = CtrlA;
        return (char)key switch
        {
            'x' or 'X' => KeyMeaning.Quit,
            'h' or 'H' or '?' => KeyMeaning.Help,
            'a' or 'A' or (char)CtrlA => KeyMeaning.Pass,
            _ => KeyMeaning.Swallow,
        };
    }
}
