using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>Where newer versions of virglrenderer come from.</summary>
internal static class VirglVersions
{
    /// <summary>The oldest that tests of every run use.</summary>
    public static VirglVersion Oldest { get; } = VirglVersion.All.First(version => version.Tested);

    /// <summary>How to have a version or a newer one, by the first Debian release that has one.</summary>
    public static IReadOnlyList<string> Remedies(VirglVersion oldest)
    {
        VirglVersion source = VirglVersion.All.First(version => version.Debian.Length > 0 && version.IsAtLeast(oldest.Name));
        string image = source == Oldest ? "gpu-runtime-trixie" : "gpu-runtime-forky";
        return
        [
            $"install virglrenderer {oldest.Name} or newer (package libvirglrenderer1 of Debian {source.Debian})",
            $"or give a GPU runtime by --gpu-runtime DIR (packaging/image {image} makes one, DIR is its root)",
        ];
    }
}
