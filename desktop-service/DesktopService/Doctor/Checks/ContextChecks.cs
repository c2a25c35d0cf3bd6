using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Each row of <see cref="GuestContexts"/> against this host.</summary>
internal static class ContextChecks
{
    public static IReadOnlyList<Finding> Run(Evidence evidence) => [.. GuestContexts.All.Select(type => Of(type, evidence))];

    private static Finding Of(GuestContext type, Evidence evidence)
    {
        string id = "context." + type.Id;
        IReadOnlyList<Need> unmet =
            type == GuestContexts.Flat ? FlatNeeds(evidence)
            : type == GuestContexts.Virgl ? VirglNeeds(evidence)
            // Pictures of 2D are virglrenderer's OpenGL ones, also where the guest draws by Vulkan.
            : type == GuestContexts.Venus ? [.. VenusNeeds.Of(type, evidence), .. VirglNeeds(evidence)]
            : NativeNeeds.Of(type, evidence);
        string[] remedies = [.. unmet.Select(need => need.Remedy).OfType<string>().Distinct()];
        string lacks = string.Join("; ", unmet.Select(need => need.Text));
        if (!type.InThisVersion)
        {
            string host = unmet.Count == 0 ? "this host has what it needs" : $"this host lacks {lacks}";
            return new Finding(id, type.Title, FindingState.NotYet, $"not in this version of SplitVmm; {host}", remedies);
        }

        return unmet.Count == 0
            ? Finding.Works(id, type.Title, $"--gpu {type.Option}{Detail(type, evidence)}")
            : Finding.Missing(id, type.Title, lacks, remedies);
    }

    private static string Detail(GuestContext type, Evidence evidence) =>
        type == GuestContexts.Virgl && evidence.Virgl[ProbeFact.GlRenderer] is { } renderer
            ? $", drawn by {renderer}{(SoftwareGl.Draws(renderer) ? ", in software" : "")}"
            : "";

    // That it starts is all that it takes.
    private static IReadOnlyList<Need> FlatNeeds(Evidence evidence) =>
        evidence.Library.Report?[ProbeFact.Virgl] is null ? [Need.Lacking(evidence.Library.Problem ?? "gpu-process does not start")] : [];

    // Whether the library starts says more than any list of its parts.
    private static IReadOnlyList<Need> VirglNeeds(Evidence evidence)
    {
        if (evidence.Virgl.Problem is { } problem)
        {
            return [Need.Lacking(problem)];
        }

        bool offered = evidence.Virgl.Report?.All(ProbeFact.Capset).Any(set => set.Contains("VIRGL", StringComparison.Ordinal)) == true;
        return offered ? [] : [new Need("gpu-process offers no capability set for it", null)];
    }
}
