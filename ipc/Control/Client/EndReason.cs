namespace SplitVmm.Control.Client;

/// <summary>Why the supervisor wants this process to end.</summary>
public enum EndReason
{
    /// <summary>It said so. End in good order, exit status 0.</summary>
    Quit,

    /// <summary>It has gone, or its connection broke. Nobody is left to answer to: end at once.</summary>
    SupervisorLost,
}
