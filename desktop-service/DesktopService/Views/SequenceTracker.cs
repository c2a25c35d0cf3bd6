namespace SplitVmm.DesktopService.Views;

/// <summary>
/// Follows output to a terminal closely enough to know when it is between two characters and two control sequences
/// (ECMA-48 section 5.4, UTF-8), so that something else may be written there.
/// </summary>
internal sealed class SequenceTracker
{
    private const byte Escape = 0x1b;
    private const byte Bell = 0x07;
    private const byte Cancel = 0x18;

    private State _state;
    private int _continuationBytes;

    private enum State
    {
        Ground,
        Escape,

        /// <summary>ESC [ … up to a final byte.</summary>
        Control,

        /// <summary>ESC ] and its kin: text up to BEL or ESC \.</summary>
        Text,
        TextEscape,
    }

    public bool IsBetweenSequences => _state == State.Ground && _continuationBytes == 0;

    public void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            _state = Next(value);
        }
    }

    private State Next(byte value)
    {
        if (value == Cancel)
        {
            return State.Ground;
        }

        switch (_state)
        {
            case State.Escape:
                return value switch
                {
                    (byte)'[' => State.Control,
                    // OSC, DCS, PM, APC, SOS.
                    (byte)']' or (byte)'P' or (byte)'^' or (byte)'_' or (byte)'X' => State.Text,
                    // Intermediate bytes, for example of a character set's choice.
                    >= 0x20 and <= 0x2f or Escape => State.Escape,
                    _ => State.Ground,
                };
            case State.Control:
                return value switch
                {
                    >= 0x40 and <= 0x7e => State.Ground,
                    Escape => State.Escape,
                    _ => State.Control,
                };
            case State.Text:
                return value switch
                {
                    Bell => State.Ground,
                    Escape => State.TextEscape,
                    _ => State.Text,
                };
            case State.TextEscape:
                return value == (byte)'\\' ? State.Ground : State.Text;
            default:
                TakeCharacter(value);
                return value == Escape ? State.Escape : State.Ground;
        }
    }

    private void TakeCharacter(byte value)
    {
        _continuationBytes = value switch
        {
            >= 0xf0 and <= 0xf7 => 3,
            >= 0xe0 and <= 0xef => 2,
            >= 0xc0 and <= 0xdf => 1,
            >= 0x80 and <= 0xbf => Math.Max(0, _continuationBytes - 1),
            _ => 0,
        };
    }
}
