using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// The fixed part of <c>struct virgl_renderer_capset_drm</c>, capability set 6 (<c>drm_hw.h</c>). What follows is the
/// driver's. A guest that knows a longer one reads zeroes.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmCapset
{
    public const uint VIRTGPU_DRM_CONTEXT_MSM = 1;
    public const uint VIRTGPU_DRM_CONTEXT_AMDGPU = 2;
    public const uint VIRTGPU_DRM_CONTEXT_I915 = 3;
    public const uint VIRTGPU_DRM_CONTEXT_ASAHI = 4;

    // Behind the fixed part: address32_hi, then a word whose lowest bit is has_vm_always_valid.
    private const int AmdgpuFlags = 28;
    private const uint HasVmAlwaysValid = 1;

    [FieldOffset(0)] public uint WireFormatVersion;

    /// <summary>Of the kernel driver.</summary>
    [FieldOffset(4)] public uint VersionMajor;
    [FieldOffset(8)] public uint VersionMinor;
    [FieldOffset(12)] public uint VersionPatchlevel;

    /// <summary>VIRTGPU_DRM_CONTEXT_*.</summary>
    [FieldOffset(16)] public uint ContextType;
    [FieldOffset(20)] public uint Pad;

    /// <summary>
    /// Takes back what cannot be had where the renderer is a process of its own: amdgpu does not export buffers that are
    /// always valid (EPERM), so that no other process could map them.
    /// </summary>
    /// <param name="capset">A whole set, whoever filled it.</param>
    public static void Restrict(Span<byte> capset)
    {
        if (capset.Length >= AmdgpuFlags + sizeof(uint)
            && MemoryMarshal.Read<DrmCapset>(capset).ContextType == VIRTGPU_DRM_CONTEXT_AMDGPU)
        {
            Span<byte> flags = capset[AmdgpuFlags..];
            BinaryPrimitives.WriteUInt32LittleEndian(flags, BinaryPrimitives.ReadUInt32LittleEndian(flags) & ~HasVmAlwaysValid);
        }
    }
}
