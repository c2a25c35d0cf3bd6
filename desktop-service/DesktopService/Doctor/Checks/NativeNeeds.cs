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

        Need?[] needs =
        [
            LibraryNeeds.HostKernel(type, evidence), Device(type.HostDriver!, node, evidence.Host),
            // What SplitVmm has itself needs no library.
            type.Builtin ? null : Library(type, node, evidence),
        ];
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

    private static Need? Library(GuestContext type, RenderNode? node, Evidence evidence)
    {
        if (LibraryNeeds.AtLeast(type, evidence) is { } older)
        {
            return older;
        }

        string remedy = $"build virglrenderer with -Ddrm-renderers={BuildName(type)}; Debian's is built with none";
        if (evidence.Library.Report?.Flag(ProbeFact.VirglDrm) != true)
        {
            return new Need("virglrenderer built with DRM native contexts", remedy);
        }

        // Only with the device can the library be asked for this one driver.
        if (node is not { Access: FileAccessState.Granted })
        {
            return null;
        }

        ProbeAnswer answer = evidence.Drm(node);
        return answer[ProbeFact.DrmContext] == "ready"
            ? null
            : new Need(answer.Problem ?? $"virglrenderer built with it, and a driver that it accepts (it says {answer[ProbeFact.DrmContext]})", remedy);
    }

    // Of virglrenderer's meson_options.txt.
    private static string BuildName(GuestContext type) => type.HostDriver is "amdgpu" or "i915" ? type.HostDriver + "-experimental" : type.HostDriver!;
}
