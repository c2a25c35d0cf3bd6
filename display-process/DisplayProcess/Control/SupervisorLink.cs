using SplitVmm.Control.Client;
using SplitVmm.Control.Messages;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Sandbox;

namespace SplitVmm.DisplayProcess.Control;

/// <summary>The control connection as this process uses it; without one every report goes nowhere.</summary>
internal sealed class SupervisorLink : IDisposable
{
    private static readonly TimeSpan s_statisticsInterval = TimeSpan.FromMilliseconds(500);

    private readonly ControlConnection<DisplayReport, DisplayCommand>? _connection;
    private readonly ActivityTimer? _timer;
    private DisplayStatistics _lastSent = new();
    private ConsoleReport _lastConsoles = new();

    /// <param name="options">ControlFd null: stand-alone.</param>
    /// <param name="end">Called on the loop's thread when the supervisor wants the process to end, or has gone itself.</param>
    /// <exception cref="ControlException">The supervisor refuses or does not answer.</exception>
    public SupervisorLink(EventLoop loop, DisplayOptions options, Action<EndReason> end)
    {
        if (options.ControlFd is not { } number)
        {
            return;
        }

        _connection = ControlClient.AttachDisplay(
            Descriptor.FromInherited(number),
            new ControlClientOptions<DisplayCommand>
            {
                Process = "display-process",
                Capabilities = ["screenshot", "notice"],
                Post = loop.Post,
                OnCommand = OnCommand,
                OnEnd = end,
                DieWithParent = options.EndsWithSupervisor,
                LostDeadline = options.EndsWithSupervisor ? TimeSpan.FromSeconds(1.5) : null,
            });
        _timer = new ActivityTimer(loop, s_statisticsInterval, TellNews);
    }

    public bool IsAttached => _connection is not null;

    /// <summary>Writes the picture of a head under a path; the second argument takes null or one line that says why not.</summary>
    public Action<Screenshot, Action<string?>>? ScreenshotRequested { get; set; }

    /// <summary>Lays a line over the pictures; an empty one takes it away.</summary>
    public Action<string>? NoticeGiven { get; set; }

    /// <summary>Brings the windows to the front; null, or one line that says why not.</summary>
    public Func<string?>? RaiseRequested { get; set; }

    /// <summary>Asked for half a second after something has happened; sent if it changed.</summary>
    public Func<DisplayStatistics>? Statistics { get; set; }

    /// <summary>What a person did in a viewer; null, or one line that says why it cannot be done. Null: there are no viewers.</summary>
    public Func<ViewerInput, string?>? ViewerInputTaken { get; set; }

    /// <summary>A size that a viewer asks for; null, or one line that says why not.</summary>
    public Func<ViewerSize, string?>? ViewerSizeTaken { get; set; }

    /// <summary>What viewers are told of the heads; asked for half a second after something has happened, and by <see cref="TellConsoles"/>.</summary>
    public Func<ConsoleReport>? Consoles { get; set; }

    /// <summary>Something has happened that the loop does not know of.</summary>
    public void Touch() => _timer?.Touch();

    /// <summary>The process has given up what it does not need.</summary>
    public void Confined(SandboxState state) => _connection?.Confined(state.ToReport());

    public void Report(DisplayReport report) => _connection?.Report(report);

    /// <summary>Sends what viewers are told of the heads, if it changed.</summary>
    public void TellConsoles()
    {
        if (Consoles?.Invoke() is { } consoles && !consoles.Equals(_lastConsoles))
        {
            _lastConsoles = consoles;
            Report(new DisplayReport { Consoles = consoles });
        }
    }

    public void Fail(string text) => _connection?.Fail(text);

    public void Dispose()
    {
        _timer?.Dispose();
        _connection?.Dispose();
    }

    private void OnCommand(DisplayCommand command)
    {
        switch (command.KindCase)
        {
            case DisplayCommand.KindOneofCase.Screenshot when ScreenshotRequested is { } take:
                take(command.Screenshot, error => _connection!.Reply(command, error));
                break;
            case DisplayCommand.KindOneofCase.Notice when NoticeGiven is { } show:
                show(command.Notice.Text);
                _connection!.Reply(command);
                break;
            case DisplayCommand.KindOneofCase.Raise when RaiseRequested is { } raise:
                _connection!.Reply(command, raise());
                break;
            case DisplayCommand.KindOneofCase.ViewerInput when ViewerInputTaken is { } take:
                _connection!.Reply(command, take(command.ViewerInput));
                break;
            case DisplayCommand.KindOneofCase.ViewerSize when ViewerSizeTaken is { } take:
                _connection!.Reply(command, take(command.ViewerSize));
                break;
            default:
                _connection!.Reply(command, $"display-process cannot do {command.KindCase} now");
                break;
        }
    }

    private bool TellNews()
    {
        TellConsoles();
        if (Statistics?.Invoke() is { } statistics && !statistics.Equals(_lastSent))
        {
            _lastSent = statistics;
            Report(new DisplayReport { Statistics = statistics });
        }

        return false;
    }
}
