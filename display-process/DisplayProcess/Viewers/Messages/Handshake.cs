using System.Text;

namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>
/// The server's side of the authentication that opens a connection (D-Bus Specification, authentication protocol). Who has
/// the other end of the socket was let in by the session bus, which knows the user: EXTERNAL is accepted with whatever name comes
/// with it, and no other mechanism.
/// </summary>
internal sealed class Handshake
{
    private const int LongestLine = 512;
    private const int MostLines = 32;

    private readonly string _guid = Guid.NewGuid().ToString("N");
    private bool _begun;
    private bool _accepted;
    private bool _asked;
    private int _lines;

    /// <summary>The client said BEGIN: what follows are messages.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Takes what has arrived.</summary>
    /// <param name="bytes">From where the last call left off.</param>
    /// <param name="taken">How many of them are done with.</param>
    /// <param name="answer">What to send, lines with their ends.</param>
    /// <returns>False: this is no such client.</returns>
    public bool TryTake(ReadOnlySpan<byte> bytes, out int taken, out string answer)
    {
        taken = 0;
        var lines = new StringBuilder();
        if (!_begun && bytes.Length > 0)
        {
            if (bytes[0] != 0)
            {
                answer = "";
                return false;
            }

            _begun = true;
            taken = 1;
        }

        while (!IsDone && bytes[taken..].IndexOf("\r\n"u8) is >= 0 and int length)
        {
            if (length > LongestLine || ++_lines > MostLines)
            {
                answer = "";
                return false;
            }

            lines.Append(Answer(Encoding.Latin1.GetString(bytes.Slice(taken, length))));
            taken += length + 2;
        }

        answer = lines.ToString();
        return IsDone || bytes.Length - taken <= LongestLine;
    }

    private string Answer(string line)
    {
        string[] words = line.Split(' ');
        switch (words[0])
        {
            case "AUTH" when words is [_, "EXTERNAL"]:
                _asked = true;
                return "DATA\r\n";
            case "AUTH" when words is [_, "EXTERNAL", _]:
            case "DATA" when _asked:
                _accepted = true;
                return $"OK {_guid}\r\n";
            case "NEGOTIATE_UNIX_FD" when _accepted:
                return "AGREE_UNIX_FD\r\n";
            case "BEGIN" when _accepted:
                IsDone = true;
                return "";
            case "AUTH" or "CANCEL" or "ERROR":
                _asked = false;
                return "REJECTED EXTERNAL\r\n";
            default:
                return "ERROR\r\n";
        }
    }
}
