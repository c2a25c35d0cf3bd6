using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>
/// <c>struct virgl_renderer_callbacks</c>, version 4. The library keeps a pointer to it: it lives as long as the
/// process. Version 5 is refused by every released library.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct VirglRendererCallbacks
{
    [FieldOffset(0)] public int Version;

    /// <summary>All global fences up to this one are complete. From any thread where fences are asynchronous.</summary>
    [FieldOffset(8)] public delegate* unmanaged[Cdecl]<void*, uint, void> WriteFence;

    [FieldOffset(16)] public delegate* unmanaged[Cdecl]<void*, int, VirglRendererGlCtxParam*, void*> CreateGlContext;
    [FieldOffset(24)] public delegate* unmanaged[Cdecl]<void*, void*, void> DestroyGlContext;

    /// <summary>0, or a negative errno, upon which the library aborts.</summary>
    [FieldOffset(32)] public delegate* unmanaged[Cdecl]<void*, int, void*, int> MakeCurrent;

    /// <summary>A descriptor of a render node, the library's from then on. Only its own EGL and its DRM contexts ask for it.</summary>
    [FieldOffset(40)] public delegate* unmanaged[Cdecl]<void*, int> GetDrmFd;

    /// <summary>A fence of a context and ring is complete.</summary>
    [FieldOffset(48)] public delegate* unmanaged[Cdecl]<void*, uint, uint, ulong, void> WriteContextFence;

    /// <summary>
    /// The connection to <c>virgl_render_server</c>, a blocking SOCK_SEQPACKET; the library's from then on. At -1 the
    /// library would start the server itself.
    /// </summary>
    [FieldOffset(56)] public delegate* unmanaged[Cdecl]<void*, uint, int> GetServerFd;
    [FieldOffset(64)] public delegate* unmanaged[Cdecl]<void*, void*> GetEglDisplay;
}

/// <summary><c>struct virgl_renderer_gl_ctx_param</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct VirglRendererGlCtxParam
{
    [FieldOffset(0)] public int Version;

    /// <summary>A C <c>bool</c>: share objects with the current context.</summary>
    [FieldOffset(4)] public byte Shared;

    [FieldOffset(8)] public int MajorVer;
    [FieldOffset(12)] public int MinorVer;
    [FieldOffset(16)] public int CompatCtx;
}

/// <summary><c>struct virgl_renderer_resource_create_args</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 44)]
internal struct VirglRendererResourceCreateArgs
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Target;
    [FieldOffset(8)] public uint Format;
    [FieldOffset(12)] public uint Bind;
    [FieldOffset(16)] public uint Width;
    [FieldOffset(20)] public uint Height;
    [FieldOffset(24)] public uint Depth;
    [FieldOffset(28)] public uint ArraySize;
    [FieldOffset(32)] public uint LastLevel;
    [FieldOffset(36)] public uint NrSamples;
    [FieldOffset(40)] public uint Flags;
}

/// <summary><c>struct virgl_renderer_resource_create_blob_args</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal unsafe struct VirglRendererResourceCreateBlobArgs
{
    [FieldOffset(0)] public uint ResHandle;
    [FieldOffset(4)] public uint CtxId;
    [FieldOffset(8)] public uint BlobMem;
    [FieldOffset(12)] public uint BlobFlags;
    [FieldOffset(16)] public ulong BlobId;
    [FieldOffset(24)] public ulong Size;

    /// <summary>As of <c>virgl_renderer_resource_attach_iov</c>, the library keeps the pointer.</summary>
    [FieldOffset(32)] public IoVector* Iovecs;

    [FieldOffset(40)] public uint NumIovs;
}
