using System.Runtime.InteropServices;
using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Virgl;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Probing;

/// <summary>Asks virglrenderer what it was built with. It has no function that says so, but its answers differ.</summary>
internal static unsafe class LibraryProbe
{
    public static void Run(ProbeReport report)
    {
        if (!NativeLibrary.TryLoad(LibVirglRenderer.Library, out nint library))
        {
            report.Add(ProbeFact.Virgl, "");
            return;
        }

        VirglVersion version = VirglVersion.Recognise(name => NativeLibrary.TryGetExport(library, name, out _));
        report.Add(ProbeFact.Virgl, version.Name);
        if (!version.Usable)
        {
            return;
        }

        report.Add(ProbeFact.VirglVenus, VenusSupport.IsBuiltIn);
        report.Add(ProbeFact.VirglDrm, HasCapset(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM) && HasDrmDrivers());
    }

    // Built without it, the library has no such structure and gives no size; before init this may be asked too.
    private static bool HasCapset(VirtioGpuCapsetId id)
    {
        uint version = 0;
        uint size = 0;
        LibVirglRenderer.virgl_renderer_get_cap_set((uint)id, &version, &size);
        return size > 0;
    }

    // The library goes through its drivers with the descriptor that it is given. If it has one, it asks the kernel
    // for the name of the driver behind the descriptor, which an eventfd has not: ENOMEM. If it has none: ENODEV.
    private static bool HasDrmDrivers()
    {
        using EventFd nothing = EventFd.Create();
        return DrmProbe.Init(nothing) is var error && Math.Abs(error) != DrmProbe.ENODEV;
    }
}
