using System.Runtime.InteropServices;
using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Interop;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>Which virglrenderer the host has. The library itself does not say: its exported functions do.</summary>
public static class VirglLibrary
{
    private const string Remedy =
        "install virglrenderer 1.1 or newer (package libvirglrenderer1 of Debian 13) or start with --gpu virgl=off";

    /// <summary>Loads the library and recognises its version.</summary>
    /// <exception cref="VirglException">It is missing or too old.</exception>
    public static string RequireVersion()
    {
        if (!NativeLibrary.TryLoad(LibVirglRenderer.Library, out nint library))
        {
            throw new VirglException($"3D needs {LibVirglRenderer.Library}, which is not installed: {Remedy}");
        }

        VirglVersion version = VirglVersion.Recognise(name => NativeLibrary.TryGetExport(library, name, out _));
        return version.Usable
            ? version.Range()
            : throw new VirglException(
                $"{LibVirglRenderer.Library} is older than 1.0 and lacks a stable API with asynchronous fences: {Remedy}");
    }
}
