using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;

namespace SplitVmm.Sandbox.Tests;

/// <summary>The files of <c>packaging/sandbox</c>, for a host with certain devices; by default none.</summary>
internal static class ShippedPolicies
{
    public static Policy Of(ProcessRole role, params string[] devices) =>
        PolicyFile.Load(SourceTree.Path("packaging", "sandbox", role.Name() + ".policy")).On(devices.Contains);
}
