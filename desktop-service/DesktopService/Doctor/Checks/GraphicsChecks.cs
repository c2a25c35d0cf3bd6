using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>GPUs, their drivers, and the libraries that gpu-process loads.</summary>
internal static class GraphicsChecks
{
    public static IReadOnlyList<Finding> Run(Evidence evidence) =>
    [
        .. RenderNodes(evidence),
        Virglrenderer(evidence),
        OpenGl(evidence.Virgl),
        Mesa(evidence),
        VulkanFiles.Driver(evidence),
        VulkanFiles.Server(evidence),
        Udmabuf.Run(evidence.Host),
    ];

    private static IEnumerable<Finding> RenderNodes(Evidence evidence)
    {
        if (evidence.RenderNodes.Count == 0)
        {
            yield return Finding.Limited(
                "render-nodes", "render nodes", "none in /dev/dri: guests are drawn for in software, or by a driver that needs none (see OpenGL)",
                "where there is a GPU, load its kernel driver");
        }

        foreach (RenderNode node in evidence.RenderNodes)
        {
            string driver = node.Driver.Length > 0 ? $"driver {node.Driver}" : "of an unknown driver";
            string id = "render-node." + node.Name;
            if (node.Access != FileAccessState.Granted)
            {
                yield return Finding.Missing(
                    id, node.Name, $"{driver}; this user may not open it ({Groups.Membership(evidence.Host, "render")})", Groups.Join(evidence.Host, "render"));
            }
            else
            {
                yield return node.IsGpu
                    ? Finding.Works(id, node.Name, driver)
                    : Finding.Limited(id, node.Name, $"{driver}, which draws nothing: it only hands memory around");
            }
        }
    }

    private static Finding Virglrenderer(Evidence evidence)
    {
        const string Id = "virglrenderer";
        ProbeAnswer answer = evidence.Library;
        if (answer.Problem is { } problem)
        {
            return Advice.Of(FindingState.Unknown, Id, Id, problem);
        }

        VirglVersion? version = VirglVersion.All.FirstOrDefault(version => version.Name == answer[ProbeFact.Virgl]);
        if (version is null)
        {
            return Finding.Missing(Id, Id, "libvirglrenderer.so.1 is not installed", VirglVersions.Remedies(VirglVersions.Oldest));
        }

        // The file's name says it more exactly than its functions do.
        string? file = LibraryFiles.Find(evidence, "libvirglrenderer.so.1");
        VirglVersion exact = VirglVersion.OfFile(file ?? "") ?? version;
        string name = (exact == version && VirglVersion.OfFile(file ?? "") is null ? version.Range() : exact.Name) + (file is null ? "" : $" ({file})");
        if (!exact.Usable)
        {
            return Finding.Missing(Id, Id, $"{name} is too old for OpenGL", VirglVersions.Remedies(VirglVersions.Oldest));
        }

        string text = $"{name}, built {With(answer.Report?.Flag(ProbeFact.VirglVenus), "Venus")} and {With(answer.Report?.Flag(ProbeFact.VirglDrm), "DRM native contexts")}";
        return exact.Tested
            ? Finding.Works(Id, Id, text)
            : Finding.Limited(Id, Id, text + "; SplitVmm is not tested with this version");
    }

    private static string With(bool? there, string what) => there switch
    {
        true => "with " + what,
        false => "without " + what,
        _ => $"perhaps with {what}",
    };

    private static Finding OpenGl(ProbeAnswer answer)
    {
        const string Id = "opengl";
        if (answer.Problem is { } problem)
        {
            return Advice.Missing(Id, "OpenGL", problem);
        }

        if (answer[ProbeFact.GlRenderer] is not { } renderer)
        {
            return Finding.Unknown(Id, "OpenGL", "gpu-process did not say");
        }

        string text = $"{answer[ProbeFact.GlVersion]} on {renderer}";
        return SoftwareGl.Draws(renderer)
            ? Finding.Limited(Id, "OpenGL", text + ": in software")
            : Finding.Works(Id, "OpenGL", text);
    }

    private static Finding Mesa(Evidence evidence)
    {
        const string Id = "mesa";
        const string Word = "Mesa ";
        string opengl = evidence.Virgl[ProbeFact.GlVersion] ?? "";
        int at = opengl.IndexOf(Word, StringComparison.Ordinal);
        if (at >= 0)
        {
            return Finding.Works(Id, "Mesa", opengl[(at + Word.Length)..]);
        }

        if (opengl.Length > 0)
        {
            return Finding.Works(Id, "Mesa", "not used: the GPU's driver is another");
        }

        return LibraryFiles.Find(evidence, "libEGL_mesa.so.0") is { } file
            ? Finding.Unknown(Id, "Mesa", $"{file} is installed; its version is not known, because OpenGL was not started")
            : Finding.Missing(Id, "Mesa", "libEGL_mesa.so.0 is not installed", "install the package libegl-mesa0");
    }
}
