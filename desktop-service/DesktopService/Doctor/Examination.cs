using SplitVmm.DesktopService.Doctor.Checks;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>All checks, and what they come to.</summary>
internal static class Examination
{
    public static HostDiagnosis Run(Evidence evidence)
    {
        Section[] sections =
        [
            new("machine", "Machine", MachineChecks.Run(evidence)),
            new("graphics", evidence.GpuRuntime is { } root ? $"Graphics, of {root}" : "Graphics", GraphicsChecks.Run(evidence)),
            new("display", "Display", DisplayChecks.Run(evidence)),
            new("sandbox", "Sandbox", SandboxChecks.Run(evidence)),
            new("contexts", "What a guest can draw with", ContextChecks.Run(evidence)),
        ];
        return Conclude(evidence.GpuRuntime, sections);
    }

    private static HostDiagnosis Conclude(string? runtime, Section[] sections)
    {
        var found = new HostDiagnosis(runtime, false, "", [], sections);
        var options = new List<string>();
        if (runtime is not null)
        {
            options.AddRange(["--gpu-runtime", runtime]);
        }

        if (!Holds(found, "context.virgl"))
        {
            options.AddRange(["--gpu", "virgl=off"]);
        }

        if (!Holds(found, "window"))
        {
            options.AddRange(["--display", "headless"]);
        }

        (string Id, string Process)[] needed = [("kvm", "KVM"), ("context.2d", "gpu-process"), ("headless", "display-process")];
        string[] reasons = [.. needed.Where(need => !Holds(found, need.Id)).Select(need => need.Process)];
        if (reasons.Length > 0)
        {
            return found with { Result = $"no machine can run on this host: see {string.Join(", ", reasons)}" };
        }

        string how = options.Count > 0 ? $", by splitvmm run {string.Join(' ', options)}" : "";
        return found with { CanRun = true, Options = options, Result = $"a machine with a picture can run{how}" };
    }

    private static bool Holds(HostDiagnosis found, string id) => found[id].State is FindingState.Works or FindingState.Limited;
}
