namespace SplitVmm.DisplayProcess.Clipboard;

/// <summary>The clipboard of the desktop on which the machine is shown. On the event loop's thread.</summary>
internal interface IClipboard
{
    /// <summary>
    /// There may be something new to read: the clipboard has changed while the user was at the machine, or the user has come
    /// to the machine.
    /// </summary>
    event Action? Changed;

    /// <summary>The user is at the machine: it has the keyboard.</summary>
    bool HasFocus { get; }

    /// <summary>Reads the text on the clipboard.</summary>
    /// <param name="mostBytes">Of its UTF-8.</param>
    /// <param name="tooLong">There is more.</param>
    /// <returns>Null: no text, or too much of it.</returns>
    string? Read(int mostBytes, out bool tooLong);

    /// <summary>Puts a text on the clipboard.</summary>
    /// <returns>Null, or why that cannot be done.</returns>
    string? Write(string text);
}
