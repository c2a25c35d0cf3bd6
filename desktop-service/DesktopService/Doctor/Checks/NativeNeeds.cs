using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>What a DRM native context asks for, by the kernel driver that it is for.</summary>
internal static class NativeNeeds
{
    public static IReadOnlyList<Need> Of(GuestContext type, Evidence evidence)
    {
        RenderNode? node = evidence.RenderNodes.FirstOrDefault(node => node.Driver == type.HostDriver);
        if (node is null && type.Elsewhere is { } architecture)
        {
            // Nothing that could be installed would help.
            return [new Need($"a render node of {type.HostDriver}, which is found in {architecture} machines only, and this is x86-64", null)];
        }

        Need?[] needs = [LibraryNeeds.HostKernel(type, evidence), Device(type.HostDriver!, node, evidence.Host)];
        return [.. needs.OfType<Need>()];
    }

    private static Need? Device(string driver, RenderNode? node, IHost host)
    {
        if (node is null)
        {
            return new Need($"a render node of {driver}", null);
        }

        return node.Access == FileAccessState.Granted
            ? null
            : new Need($"permission to open {node.Path} ({Groups.Membership(host, "render")})", Groups.Join(host, "render"));
    }
}
