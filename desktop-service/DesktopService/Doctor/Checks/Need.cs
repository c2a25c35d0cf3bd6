namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Something that a context type asks for and this host has not.</summary>
internal sealed record Need(string Text, string? Remedy)
{
    /// <param name="line">Of a process, with the remedy at its end.</param>
    public static Need Lacking(string line)
    {
        (string text, string? remedy) = Advice.Split(line);
        return new Need(text, remedy);
    }

    /// <summary>A finding that says it already; null: it is as it should be.</summary>
    public static Need? From(Finding finding) =>
        finding.State is FindingState.Works or FindingState.Limited ? null : new Need($"{finding.Title}: {finding.Text}", finding.Remedies.Count == 0 ? null : string.Join(", ", finding.Remedies));
}
