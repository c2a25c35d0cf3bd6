namespace SplitVmm.DesktopService.Supervision;

/// <summary>Where the machine as a whole is, in order.</summary>
internal enum RunPhase
{
    /// <summary>Processes get ready; no guest instruction has run.</summary>
    Starting,

    Running,

    /// <summary>The guest was asked to power off and still may.</summary>
    PoweringOff,

    /// <summary>The outcome is fixed; the processes are being ended.</summary>
    Ending,

    Ended,
}
