using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Versions that context types ask for.</summary>
internal static class LibraryNeeds
{
    /// <returns>Null: virglrenderer is new enough.</returns>
    public static Need? AtLeast(GuestContext type, Evidence evidence)
    {
        if (evidence.Library.Problem is { } problem)
        {
            // It is not known what the library is.
            (string text, string? remedy) = Advice.Split(problem);
            return new Need($"a gpu-process that answers ({text})", remedy);
        }

        VirglVersion? version = VirglVersion.All.FirstOrDefault(version => version.Name == evidence.Library[ProbeFact.Virgl]);
        VirglVersion? exact = VirglVersion.OfFile(LibraryFiles.Find(evidence, "libvirglrenderer.so.1") ?? "") ?? version;
        if (version is not null && exact!.IsAtLeast(type.Virglrenderer!))
        {
            return null;
        }

        VirglVersion wanted = VirglVersion.All.First(version => version.IsAtLeast(type.Virglrenderer!) && version.IsAtLeast(VirglVersions.Oldest.Name));
        return new Need($"virglrenderer {type.Virglrenderer} or newer", string.Join(", ", VirglVersions.Remedies(wanted)));
    }

    /// <returns>Null: the host's kernel is new enough, or any is.</returns>
    public static Need? HostKernel(GuestContext type, Evidence evidence)
    {
        string release = evidence.Host.ReadText("/proc/sys/kernel/osrelease")?.Trim() ?? "";
        bool enough = type.HostKernel is not { } oldest || (KernelVersion.TryParse(release, out KernelVersion version) && version >= oldest);
        return enough ? null : new Need($"Linux {type.HostKernel} or newer (this is {release})", $"boot Linux {type.HostKernel} or newer");
    }
}
