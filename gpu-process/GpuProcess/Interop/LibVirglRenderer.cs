using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>
/// The stable API of virglrenderer (<c>virgl/virglrenderer.h</c>, versions 1.1 to 1.3). All calls come from the
/// thread that called <see cref="virgl_renderer_init"/>. Errors are positive or negative errno values.
/// </summary>
internal static unsafe partial class LibVirglRenderer
{
    /// <summary>The soname; the same from 0.8 to 1.3.</summary>
    public const string Library = "libvirglrenderer.so.1";

    public const int VIRGL_RENDERER_CALLBACKS_VERSION = 4;

    public const int VIRGL_RENDERER_THREAD_SYNC = 1 << 1;
    public const int VIRGL_RENDERER_USE_GLES = 1 << 4;
    public const int VIRGL_RENDERER_USE_EXTERNAL_BLOB = 1 << 5;

    /// <summary>Vulkan, whose contexts are those of <see cref="VIRGL_RENDERER_RENDER_SERVER"/> since 1.1.</summary>
    public const int VIRGL_RENDERER_VENUS = 1 << 6;

    public const int VIRGL_RENDERER_ASYNC_FENCE_CB = 1 << 8;

    /// <summary>Contexts of Venus are in another process, <c>virgl_render_server</c>, reached by <c>get_server_fd</c>.</summary>
    public const int VIRGL_RENDERER_RENDER_SERVER = 1 << 9;

    /// <summary>Its own DRM native contexts.</summary>
    public const int VIRGL_RENDERER_DRM = 1 << 10;

    public const uint VIRGL_RES_BIND_RENDER_TARGET = 1 << 1;

    /// <summary><c>enum pipe_texture_target</c>.</summary>
    public const uint PIPE_BUFFER = 0;
    public const uint PIPE_TEXTURE_2D = 2;
    public const uint PIPE_TEXTURE_RECT = 5;

    /// <summary>A later fence of the same timeline may stand for this one.</summary>
    public const uint VIRGL_RENDERER_FENCE_FLAG_MERGEABLE = 1;

    public const uint VIRGL_RENDERER_BLOB_FD_TYPE_DMABUF = 1;
    public const uint VIRGL_RENDERER_BLOB_FD_TYPE_SHM = 3;

    public const int VIRGL_LOG_LEVEL_WARNING = 2;

    [LibraryImport(Library)]
    public static partial int virgl_renderer_init(void* cookie, int flags, VirglRendererCallbacks* callbacks);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_cleanup(void* cookie);

    /// <summary>Retires fences where it polls; settles queries where fences are asynchronous.</summary>
    [LibraryImport(Library)]
    public static partial void virgl_renderer_poll();

    /// <summary>Readable when <see cref="virgl_renderer_poll"/> has something to do; owned by the library; -1: none.</summary>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_get_poll_fd();

    [LibraryImport(Library)]
    public static partial void virgl_set_log_callback(
        delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* userData, void* freeUserData);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_get_cap_set(uint set, uint* maxVersion, uint* maxSize);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_fill_caps(uint set, uint version, void* caps);

    /// <param name="flags">A capability set's id, 1 to 255.</param>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_context_create_with_flags(uint context, uint flags, uint nameLength, byte* name);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_context_destroy(uint handle);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_ctx_attach_resource(int context, int resource);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_ctx_detach_resource(int context, int resource);

    /// <param name="buffer">Aligned to 4 bytes, better to 8. Nobody else may write to it meanwhile.</param>
    /// <param name="words">Length in units of 4 bytes.</param>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_submit_cmd(void* buffer, int context, int words);

    [LibraryImport(Library)]
    public static partial int virgl_renderer_resource_create(
        VirglRendererResourceCreateArgs* arguments, IoVector* vectors, uint vectorCount);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_resource_unref(uint resource);

    /// <summary>The library keeps the pointer to the array until <see cref="virgl_renderer_resource_detach_iov"/>.</summary>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_resource_attach_iov(int resource, IoVector* vectors, int count);

    [LibraryImport(Library)]
    public static partial void virgl_renderer_resource_detach_iov(int resource, IoVector** vectors, int* count);

    /// <param name="vectors">Null: the attached backing.</param>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_transfer_write_iov(
        uint resource, uint context, int level, uint stride, uint layerStride, VirtioGpuBox* box, ulong offset,
        IoVector* vectors, uint count);

    /// <param name="vectors">Null: the attached backing.</param>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_transfer_read_iov(
        uint resource, uint context, uint level, uint stride, uint layerStride, VirtioGpuBox* box, ulong offset,
        IoVector* vectors, int count);

    /// <summary>Of a resource that is a texture; an error for all others.</summary>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_resource_get_info(int resource, VirglRendererResourceInfo* info);

    /// <summary>Makes the library's first context current, which shares textures with all others.</summary>
    [LibraryImport(Library)]
    public static partial void virgl_renderer_force_ctx_0();

    [LibraryImport(Library)]
    public static partial int virgl_renderer_resource_create_blob(VirglRendererResourceCreateBlobArgs* arguments);

    /// <param name="mapInfo">A <see cref="VirtioGpuMapInfo"/>.</param>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_resource_get_map_info(uint resource, uint* mapInfo);

    /// <param name="type">One of <c>VIRGL_RENDERER_BLOB_FD_TYPE_*</c>.</param>
    /// <param name="descriptor">The caller's from then on.</param>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_resource_export_blob(uint resource, uint* type, int* descriptor);

    /// <summary>A fence of a ring of a context.</summary>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_context_create_fence(uint context, uint flags, uint ring, ulong fence);

    /// <summary>A fence of the global timeline.</summary>
    [LibraryImport(Library)]
    public static partial int virgl_renderer_create_fence(int fence, uint context);
}
