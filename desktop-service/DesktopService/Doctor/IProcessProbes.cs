using SplitVmm.DesktopService.Supervision;
using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>What a process of a machine answered when it was started to look at its host.</summary>
/// <param name="Report">Null: there was no answer.</param>
/// <param name="Failure">One line; null: it ended as it should.</param>
internal sealed record ProbeAnswer(ProbeReport? Report, string? Failure)
{
    /// <summary>Why the process could not do what it is for, by whichever way it was learned.</summary>
    public string? Problem => Failure ?? Report?[ProbeFact.Problem];

    public string? this[string fact] => Report?[fact];
}

/// <summary>Starts the processes of a machine to look at the host, each in its cage.</summary>
internal interface IProcessProbes
{
    /// <summary>Of a program of somebody else, which knows no probe, the answer says what cage it is put in; it is not started.</summary>
    /// <param name="what">After <see cref="ProbeReport.Option"/>; see the ProbeCommand of each process.</param>
    ProbeAnswer Ask(ProcessRole role, params string[] what);
}
