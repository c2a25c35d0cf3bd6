using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Virgl;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Probing;

/// <summary>Starts virglrenderer with nothing but its DRM native contexts, once per process.</summary>
internal static unsafe class DrmProbe
{
    public const int ENODEV = 19;

    private const int VIRGL_RENDERER_NO_VIRGL = 1 << 7;

    /// <summary>The library takes ownership of what it is given.</summary>
    private static Descriptor? s_device;

    public static void Run(ProbeReport report, string renderNode)
    {
        _ = VirglLibrary.RequireVersion();
        using Descriptor? device = TryOpen(renderNode, out string problem);
        if (device is null)
        {
            report.Add(ProbeFact.Problem, problem);
            return;
        }

        int error = Init(device);
        report.Add(ProbeFact.DrmContext, error == 0 ? "ready" : error.ToString(CultureInfo.InvariantCulture));
    }

    /// <param name="device">What the library takes for a render node; it gets a copy.</param>
    /// <returns>0, or an error number, positive or negative.</returns>
    public static int Init(Descriptor device)
    {
        s_device = device;
        var table = (VirglRendererCallbacks*)NativeMemory.AllocZeroed((nuint)sizeof(VirglRendererCallbacks));
        table->Version = LibVirglRenderer.VIRGL_RENDERER_CALLBACKS_VERSION;
        table->WriteFence = &WriteFence;
        table->WriteContextFence = &WriteContextFence;
        table->GetDrmFd = &GetDrmFd;
        // Without asynchronous fences the library takes no notice of the flag for DRM.
        const int Flags = VIRGL_RENDERER_NO_VIRGL | LibVirglRenderer.VIRGL_RENDERER_DRM | LibVirglRenderer.VIRGL_RENDERER_ASYNC_FENCE_CB;
        // The table lives as long as the process: the library keeps pointers to it.
        return LibVirglRenderer.virgl_renderer_init(table, Flags, table);
    }

    private static Descriptor? TryOpen(string path, out string problem)
    {
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file =
                File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            var borrowed = new Descriptor((int)file.DangerousGetHandle());
            try
            {
                problem = "";
                return borrowed.Duplicate();
            }
            finally
            {
                borrowed.SetHandleAsInvalid();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be opened: {error.Message}";
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetDrmFd(void* cookie)
    {
        Descriptor copy = s_device!.Duplicate();
        int number = copy.Number;
        copy.SetHandleAsInvalid();
        return number;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WriteFence(void* cookie, uint fence)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WriteContextFence(void* cookie, uint context, uint ring, ulong fence)
    {
    }
}
