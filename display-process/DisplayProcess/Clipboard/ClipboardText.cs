using System.Text;

namespace SplitVmm.DisplayProcess.Clipboard;

/// <summary>Text between the host's form, a string with LF, and the guest's, UTF-8 with the guest's ends of lines.</summary>
internal static class ClipboardText
{
    /// <summary>Bytes of UTF-8 that go over at most, either way.</summary>
    public const int MostBytes = 1 << 20;

    /// <param name="crlf">The guest's lines end in CR LF.</param>
    public static byte[] ToGuest(string text, bool crlf) =>
        Encoding.UTF8.GetBytes(crlf ? WithLf(text).Replace("\n", "\r\n", StringComparison.Ordinal) : text);

    /// <summary>
    /// What the guest says is text. What is not UTF-8 in it becomes U+FFFD; it ends at the first zero byte, which desktops
    /// could not tell from its end.
    /// </summary>
    public static string FromGuest(ReadOnlySpan<byte> bytes, bool crlf)
    {
        int end = bytes.IndexOf((byte)0);
        string text = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        return crlf ? WithLf(text) : text;
    }

    private static string WithLf(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
