using SplitVmm.Sandbox;

namespace SplitVmm.DisplayProcess;

/// <summary>The command line of display-process (docs/architecture.md).</summary>
public sealed record DisplayOptions
{
    /// <summary>The inherited display wire.</summary>
    public required int DisplayFd { get; init; }

    /// <summary>The inherited input wire; null: the guest gets no input.</summary>
    public int? InputFd { get; init; }

    /// <summary>The inherited agent wire; null: the guest's agent is not heard.</summary>
    public int? AgentFd { get; init; }

    /// <summary>The inherited control connection; null: stand-alone.</summary>
    public int? ControlFd { get; init; }

    /// <summary>The inherited plug wire; null: the display wire is the only one there will be.</summary>
    public int? PlugFd { get; init; }

    /// <summary>The cage that the process closes around itself.</summary>
    public ProcessSandbox Sandbox { get; init; } = ProcessSandbox.None;

    public BackendKind Backend { get; init; } = BackendKind.Sdl;

    public RendererKind Renderer { get; init; } = RendererKind.Auto;

    /// <summary>Fingers on the SDL window are contacts on a touch screen of the guest; else the first one is a pointer.</summary>
    public bool HasTouch { get; init; }

    /// <summary>Text goes between the desktop's clipboard and the guest's, where there is an agent wire.</summary>
    public bool HasClipboard { get; init; }

    /// <summary>Viewers of others may come over the plug wire.</summary>
    public bool HasViewers { get; init; }

    /// <summary>Folder for PNG files of the headless backend; null: frames are kept in memory only.</summary>
    public string? FramesFolder { get; init; }

    /// <summary>Time between numbered frames; null: only <c>latest.png</c>.</summary>
    public TimeSpan? FrameInterval { get; init; }

    /// <summary>Window title, normally the machine's name.</summary>
    public string Title { get; init; } = "SplitVmm";

    /// <summary>How many scanouts are shown, 1 to <see cref="SplitVmm.Wires.Display.DisplayProtocol.MaxScanouts"/>.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Pixels of the outputs that the guest first sees; the last is that of all further ones.</summary>
    public IReadOnlyList<PixelSize> Sizes { get; init; } = [new(1280, 800)];

    public PixelSize SizeOf(int head) => Sizes[Math.Min(head, Sizes.Count - 1)];

    /// <summary>The process ends where it stands when its supervisor is lost. Off inside test programs.</summary>
    internal bool EndsWithSupervisor { get; init; } = true;
}
