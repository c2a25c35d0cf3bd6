using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
