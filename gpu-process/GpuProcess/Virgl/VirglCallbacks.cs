using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.Platform.Descriptors;

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
    private static int s_server = -1;

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
        table->GetServerFd = &GetServerFd;
        LibVirglRenderer.virgl_set_log_callback(&Log, null, null);
        return table;
    }

    /// <summary>
    /// Has a copy of the connection ready for the next <c>virgl_renderer_init</c>, which takes it once. The callback
    /// could not say that there is none: the library would start a server by itself.
    /// </summary>
    /// <param name="server">To <c>virgl_render_server</c>; stays the caller's.</param>
    /// <exception cref="Platform.Errors.ErrnoException">There are too many descriptors.</exception>
    public static void OfferServer(Descriptor server)
    {
        Descriptor copy = server.Duplicate();
        s_server = copy.Number;
        // From here on the library's.
        copy.SetHandleAsInvalid();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetServerFd(void* cookie, uint version) => Interlocked.Exchange(ref s_server, -1);

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
