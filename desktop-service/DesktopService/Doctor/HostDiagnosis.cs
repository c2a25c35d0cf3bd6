namespace SplitVmm.DesktopService.Doctor;

/// <summary>All that an examination found. Text and JSON are both made of this.</summary>
/// <param name="GpuRuntime">Whose graphics libraries were looked at; null: the host's own.</param>
/// <param name="CanRun">A machine with a picture can run.</param>
/// <param name="Result">That in one sentence for people.</param>
/// <param name="Options">What <c>splitvmm run</c> must be given for it on this host; empty: nothing special.</param>
internal sealed record HostDiagnosis(
    string? GpuRuntime, bool CanRun, string Result, IReadOnlyList<string> Options, IReadOnlyList<Section> Sections)
{
    public Finding this[string id] => Sections.SelectMany(section => section.Findings).First(finding => finding.Id == id);
}
