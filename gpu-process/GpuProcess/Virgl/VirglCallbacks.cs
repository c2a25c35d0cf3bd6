using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Interop;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>
/// What virglrenderer calls. The library is one per process and keeps pointers to this table, so the table and
/// what it leads to are static and live as long as the process. Nothing here may throw.
/// </summary>
internal static unsafe class VirglCallbacks
{
    private static GlContexts? s_contexts;
    private static RetiredFences? s_retired;
    private static Action<string>? s_log;
    private static DrmFiles? s_drmFiles;

    /// <summary>Makes the table. Once per process, before <c>virgl_renderer_init</c>.</summary>
    /// <param name="log">Takes the library's warnings; from any of its threads.</param>
    /// <param name="drmFiles">Where its own native contexts get their files; null: it has none.</param>
    public static VirglRendererCallbacks* Install(GlContexts contexts, RetiredFences retired, Action<string> log, DrmFiles? drmFiles)
    {
        s_drmFiles = drmFiles;
        s_contexts = contexts;
        s_retired = retired;
        s_log = log;
        var table = (VirglRendererCallbacks*)NativeMemory.AllocZeroed((nuint)sizeof(VirglRendererCallbacks));
        table->Version = LibVirglRenderer.VIRGL_RENDERER_CALLBACKS_VERSION;
        table->WriteFence = &WriteFence;
        table->CreateGlContext = &CreateGlContext;
        table->DestroyGlContext = &DestroyGlContext;
        table->MakeCurrent = &MakeCurrent;
        table->WriteContextFence = &WriteContextFence;
        table->GetDrmFd = drmFiles is null ? null : &GetDrmFd;
        LibVirglRenderer.virgl_set_log_callback(&Log, null, null);
        return table;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WriteFence(void* cookie, uint fence) =>
        s_retired!.Add(new RetiredFence(FenceTimelineId.Global, fence));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WriteContextFence(void* cookie, uint context, uint ring, ulong fence) =>
        s_retired!.Add(new RetiredFence(new FenceTimelineId(context, ring), fence));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetDrmFd(void* cookie) => s_drmFiles!.Take();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* CreateGlContext(void* cookie, int scanout, VirglRendererGlCtxParam* wanted) =>
        (void*)s_contexts!.Create(in *wanted);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DestroyGlContext(void* cookie, void* context) => s_contexts!.Destroy((nint)context);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int MakeCurrent(void* cookie, int scanout, void* context) =>
        s_contexts!.MakeCurrent((nint)context) ? 0 : -1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Log(int level, byte* message, void* userData)
    {
        if (level >= LibVirglRenderer.VIRGL_LOG_LEVEL_WARNING && s_log is { } log)
        {
            log("virglrenderer: " + (Marshal.PtrToStringUTF8((nint)message) ?? "").TrimEnd());
        }
    }
}
