using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>What Venus asks for.</summary>
internal static class VenusNeeds
{
    public static IReadOnlyList<Need> Of(GuestContext type, Evidence evidence)
    {
        bool onGpu = evidence.RenderNodes.Any(node => node.IsGpu) && VulkanFiles.HasHardwareDriver(evidence);
        Need? older = LibraryNeeds.AtLeast(type, evidence);
        Need?[] needs =
        [
            older,
            older is not null || evidence.Library.Report?.Flag(ProbeFact.VirglVenus) == true
                ? null
                : new Need("virglrenderer built with Venus", "install a virglrenderer that was built with -Dvenus=true (Debian's 1.1 is)"),
            Need.From(VulkanFiles.Server(evidence)),
            Need.From(VulkanFiles.Driver(evidence)),
            // A GPU's own memory is handed over as it is; that of lavapipe must become a dma-buf first.
            onGpu ? LibraryNeeds.HostKernel(type, evidence) : Need.From(Udmabuf.Run(evidence.Host)),
        ];
        return [.. needs.OfType<Need>()];
    }
}
