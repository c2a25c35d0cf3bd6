namespace SplitVmm.DesktopService.Supervision;

/// <summary>How far the run of a machine is; for its own thread.</summary>
internal sealed class RunState
{
    public RunPhase Phase { get; set; }

    /// <summary>How the run ends; fixed once, from when on all its processes are being ended.</summary>
    public RunOutcome? Outcome { get; set; }

    /// <summary>vmm-core has said that the guest switched itself off.</summary>
    public bool GuestPoweredOff { get; set; }

    public bool IsStarting => Phase == RunPhase.Starting;

    public bool IsDecided => Outcome is not null;

    /// <summary>Processes are to live: their deaths are news.</summary>
    public bool IsUndisturbed => Outcome is null && !GuestPoweredOff;
}
