using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Uapi;

/// <summary>What all drivers of the Direct Rendering Manager have in common (<c>drm/drm.h</c>).</summary>
internal static class Drm
{
    public const uint DRM_IOCTL_VERSION = 0xC040_6400;
    public const uint DRM_IOCTL_GEM_CLOSE = 0x4008_6409;
    public const uint DRM_IOCTL_PRIME_HANDLE_TO_FD = 0xC00C_642D;
    public const uint DRM_IOCTL_PRIME_FD_TO_HANDLE = 0xC00C_642E;
    public const uint DRM_IOCTL_SYNCOBJ_CREATE = 0xC008_64BF;
    public const uint DRM_IOCTL_SYNCOBJ_DESTROY = 0xC008_64C0;
    public const uint DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD = 0xC018_64C1;
    public const uint DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE = 0xC018_64C2;

    /// <summary>Flags of <see cref="DrmPrimeHandle"/>: <c>O_CLOEXEC</c> and <c>O_RDWR</c>.</summary>
    public const uint DRM_CLOEXEC = 0x80000;
    public const uint DRM_RDWR = 2;

    /// <summary>The descriptor is a sync file, and what is in it goes into a synchronisation object that exists.</summary>
    public const uint DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE = 1;
    public const uint DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE = 1;
}

/// <summary><c>struct drm_version</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct DrmVersion
{
    [FieldOffset(0)] public int VersionMajor;
    [FieldOffset(4)] public int VersionMinor;
    [FieldOffset(8)] public int VersionPatchlevel;

    /// <summary>In: room at <see cref="Name"/>; out: the name's length.</summary>
    [FieldOffset(16)] public nuint NameLen;
    [FieldOffset(24)] public byte* Name;
    [FieldOffset(32)] public nuint DateLen;
    [FieldOffset(40)] public byte* Date;
    [FieldOffset(48)] public nuint DescLen;
    [FieldOffset(56)] public byte* Desc;
}

/// <summary><c>struct drm_gem_close</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmGemClose
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Pad;
}

/// <summary><c>struct drm_prime_handle</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct DrmPrimeHandle
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public int Fd;
}

/// <summary><c>struct drm_syncobj_create</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmSyncobjCreate
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Flags;
}

/// <summary><c>struct drm_syncobj_destroy</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
internal struct DrmSyncobjDestroy
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Pad;
}

/// <summary><c>struct drm_syncobj_handle</c>, less the point of time, which newer kernels have behind it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct DrmSyncobjHandle
{
    [FieldOffset(0)] public uint Handle;
    [FieldOffset(4)] public uint Flags;
    [FieldOffset(8)] public int Fd;
    [FieldOffset(12)] public uint Pad;
    [FieldOffset(16)] public ulong Point;
}
