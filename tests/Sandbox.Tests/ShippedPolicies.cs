using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;

namespace SplitVmm.Sandbox.Tests;

/// <summary>The files of <c>packaging/sandbox</c>.</summary>
internal static class ShippedPolicies
{
    public static Policy Of(ProcessRole role) => PolicyFile.Load(SourceTree.Path("packaging", "sandbox", role.Name() + ".policy"));
}
