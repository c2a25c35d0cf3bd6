using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary>The array <c>debug_name</c> of <see cref="VirtioGpuCtxCreate"/>.</summary>
[InlineArray(Length)]
public struct VirtioGpuDebugName
{
    public const int Length = 64;

    private byte _first;
}

/// <summary><c>struct virtio_gpu_ctx_create</c> (virtio 1.3 section 5.7.6.9); the context is named in the header.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
public struct VirtioGpuCtxCreate
{
    /// <summary>Bits of <see cref="ContextInit"/> that hold a <see cref="VirtioGpuCapsetId"/>.</summary>
    public const uint VIRTIO_GPU_CONTEXT_INIT_CAPSET_ID_MASK = 0xFF;

    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;

    /// <summary>Bytes of <see cref="DebugName"/>.</summary>
    [FieldOffset(24)] public uint Nlen;

    /// <summary>Means something only with VIRTIO_GPU_F_CONTEXT_INIT.</summary>
    [FieldOffset(28)] public uint ContextInit;

    [FieldOffset(32)] public VirtioGpuDebugName DebugName;
}

/// <summary><c>struct virtio_gpu_cmd_submit</c> (<c>linux/virtio_gpu.h</c>), followed by <see cref="Size"/> bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuCmdSubmit
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;

    /// <summary>Bytes of the command stream.</summary>
    [FieldOffset(24)] public uint Size;

    /// <summary>Fences to wait for; not in the specification and always 0 here.</summary>
    [FieldOffset(28)] public uint NumInFences;
}
