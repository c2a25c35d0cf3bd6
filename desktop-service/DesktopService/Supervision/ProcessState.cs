namespace SplitVmm.DesktopService.Supervision;

/// <summary>The life of a process, in order; <see cref="Ending"/> and <see cref="Ended"/> follow any state.</summary>
internal enum ProcessState
{
    NotStarted,

    /// <summary>The program runs; its hello is awaited.</summary>
    Starting,

    /// <summary>The hello was welcomed; the process sets itself up.</summary>
    Attached,

    /// <summary>It can do its work.</summary>
    Ready,

    /// <summary>It was asked to end.</summary>
    Ending,

    Ended,
}
