using SplitVmm.DesktopService.Supervision;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Consoles;

/// <summary>The guest's serial console between the terminal and the pipes that vmm-core has.</summary>
internal sealed class SerialConsole : IDisposable
{
    private const int StandardInput = 0;

    private readonly Descriptor _guestInput;
    private readonly ConsoleWriter? _writer;
    private readonly IConsoleSink _sink;
    private readonly Action _onQuit;
    private TerminalMode? _mode;
    private ConsoleReader? _reader;

    private SerialConsole(Descriptor guestInput, Descriptor? guestOutput, IConsoleSink sink, Action onQuit)
    {
        _guestInput = guestInput;
        _sink = sink;
        _onQuit = onQuit;
        IsInteractive = guestOutput is not null;
        _writer = guestOutput is null ? null : new ConsoleWriter(guestOutput, sink);
    }

    private bool IsInteractive { get; }

    /// <summary>Starts to show the guest's output. Null: the machine has no console.</summary>
    /// <param name="onQuit">The user typed Ctrl-A x. Called on a thread of the console.</param>
    public static SerialConsole? Create(WireSet wires, IConsoleSink sink, Action onQuit)
    {
        (Descriptor? input, Descriptor? output) = wires.TakeConsole();
        return input is null ? null : new SerialConsole(input, output, sink, onQuit);
    }

    /// <summary>Gives the keyboard to the guest.</summary>
    public void Open()
    {
        if (!IsInteractive)
        {
            return;
        }

        bool isTerminal = TerminalMode.IsTerminal(StandardInput);
        _mode = TerminalMode.TryMakeRaw(StandardInput);
        if (!isTerminal || _mode is not null)
        {
            _reader = new ConsoleReader(StandardInput, _guestInput, isTerminal ? new EscapeFilter() : null, OnEscape);
        }
    }

    /// <summary>Takes the keyboard back; output is still shown.</summary>
    public void Close()
    {
        _reader?.Dispose();
        _reader = null;
        _mode?.Dispose();
        _mode = null;
    }

    public void Dispose()
    {
        Close();
        _writer?.Dispose();
        _guestInput.Dispose();
    }

    private void OnEscape(KeyMeaning key)
    {
        if (key == KeyMeaning.Quit)
        {
            _onQuit();
        }
        else
        {
            _sink.Write(System.Text.Encoding.UTF8.GetBytes($"\r\n{EscapeFilter.Help}\r\n"));
        }
    }
}
