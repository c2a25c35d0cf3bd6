using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Uapi;
using SplitVmm.Platform.Descriptors;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>
/// The kernel's vgem: a device without hardware, whose buffers are dma-bufs and get fences that signal when a test says so, or after
/// ten seconds (<c>drm/vgem_drm.h</c>).
/// </summary>
internal sealed unsafe partial class Vgem : IDisposable
{
    private const uint DRM_IOCTL_MODE_CREATE_DUMB = 0xC020_64B2;
    private const uint DRM_IOCTL_VGEM_FENCE_ATTACH = 0xC010_6441;
    private const uint DRM_IOCTL_VGEM_FENCE_SIGNAL = 0x4008_6442;
    private const uint VGEM_FENCE_WRITE = 1;

    private readonly Descriptor _device;

    private Vgem(Descriptor device) => _device = device;

    /// <summary>Opens it; skips the calling test where there is none.</summary>
    public static Vgem Open()
    {
        const int O_RDWR = 2;
        const int O_CLOEXEC = 0x80000;
        foreach (string path in Directory.Exists("/dev/dri") ? Directory.GetFiles("/dev/dri", "card*") : [])
        {
            int fd = open(path, O_RDWR | O_CLOEXEC);
            if (fd >= 0)
            {
                var device = new Descriptor(fd);
                if (NameOf(device) == "vgem")
                {
                    return new Vgem(device);
                }

                device.Dispose();
            }
        }

        Assert.Skip("no vgem on this machine that this user may open (kernel module vgem)");
        throw new InvalidOperationException();
    }

    /// <summary>A buffer of 32-bit pixels in rows without gaps.</summary>
    /// <returns>Its number in this device, and the dma-buf.</returns>
    public (uint Handle, Descriptor DmaBuf) Create(uint width, uint height)
    {
        var buffer = new CreateDumb { Width = width, Height = height, BitsPerPixel = 32 };
        Call(DRM_IOCTL_MODE_CREATE_DUMB, &buffer);
        var prime = new DrmPrimeHandle { Handle = buffer.Handle, Flags = Drm.DRM_CLOEXEC | Drm.DRM_RDWR };
        Call(Drm.DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime);
        return (buffer.Handle, new Descriptor(prime.Fd));
    }

    /// <summary>From now on the buffer is being written to.</summary>
    /// <returns>The fence, for <see cref="Signal"/>.</returns>
    public uint BeginWriting(uint handle)
    {
        var attach = new FenceAttach { Handle = handle, Flags = VGEM_FENCE_WRITE };
        Call(DRM_IOCTL_VGEM_FENCE_ATTACH, &attach);
        return attach.Fence;
    }

    public void Signal(uint fence)
    {
        var signal = new FenceSignal { Fence = fence };
        Call(DRM_IOCTL_VGEM_FENCE_SIGNAL, &signal);
    }

    public void Dispose() => _device.Dispose();

    private static string NameOf(Descriptor device)
    {
        byte* name = stackalloc byte[32];
        var version = new DrmVersion { Name = name, NameLen = 31 };
        return ioctl(device, Drm.DRM_IOCTL_VERSION, &version) == 0
            ? Marshal.PtrToStringUTF8((nint)name, (int)Math.Min(version.NameLen, 31))
            : "";
    }

    private void Call(uint number, void* argument) =>
        Assert.True(ioctl(_device, number, argument) == 0, $"vgem, ioctl 0x{number:x}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(Descriptor file, nuint request, void* argument);

    /// <summary><c>struct drm_mode_create_dumb</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    private struct CreateDumb
    {
        [FieldOffset(0)] public uint Height;
        [FieldOffset(4)] public uint Width;
        [FieldOffset(8)] public uint BitsPerPixel;
        [FieldOffset(16)] public uint Handle;
    }

    /// <summary><c>struct drm_vgem_fence_attach</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    private struct FenceAttach
    {
        [FieldOffset(0)] public uint Handle;
        [FieldOffset(4)] public uint Flags;
        [FieldOffset(8)] public uint Fence;
    }

    /// <summary><c>struct drm_vgem_fence_signal</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 8)]
    private struct FenceSignal
    {
        [FieldOffset(0)] public uint Fence;
    }
}
