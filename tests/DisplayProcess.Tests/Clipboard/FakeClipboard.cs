using SplitVmm.DisplayProcess.Clipboard;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>A desktop's clipboard in memory, and a user who comes and goes.</summary>
internal sealed class FakeClipboard : IClipboard
{
    private string? _text;

    public event Action? Changed;

    public bool HasFocus { get; private set; } = true;

    public int Reads { get; private set; }

    public List<string> Written { get; } = [];

    public string? Read(int mostBytes, out bool tooLong)
    {
        Reads++;
        tooLong = _text is not null && System.Text.Encoding.UTF8.GetByteCount(_text) > mostBytes;
        return tooLong ? null : _text;
    }

    public string? Write(string text)
    {
        _text = text;
        Written.Add(text);
        // As desktops say it to everybody.
        Notice();
        return null;
    }

    /// <summary>The user copies something, in whatever program.</summary>
    public void Copy(string? text)
    {
        _text = text;
        Notice();
    }

    public void SetFocus(bool has)
    {
        HasFocus = has;
        Notice();
    }

    private void Notice()
    {
        if (HasFocus)
        {
            Changed?.Invoke();
        }
    }
}
