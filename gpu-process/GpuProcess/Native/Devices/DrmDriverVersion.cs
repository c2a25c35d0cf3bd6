using System.Text;
using SplitVmm.GpuProcess.Native.Uapi;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>What a kernel driver says of itself (DRM_IOCTL_VERSION).</summary>
/// <param name="Name">For example <c>amdgpu</c>.</param>
internal sealed record DrmDriverVersion(string Name, uint Major, uint Minor, uint Patchlevel)
{
    /// <returns>Null: the file is none of DRM.</returns>
    public static unsafe DrmDriverVersion? TryRead(IDrmFile file)
    {
        const int Room = 64;
        byte* name = stackalloc byte[Room];
        var version = new DrmVersion { Name = name, NameLen = Room };
        // The kernel writes no more than NameLen bytes of the name, into this frame.
        if (file.Ioctl(Drm.DRM_IOCTL_VERSION, ref version) != 0)
        {
            return null;
        }

        int length = (int)Math.Min(version.NameLen, Room);
        return new DrmDriverVersion(
            Encoding.UTF8.GetString(name, length), (uint)version.VersionMajor, (uint)version.VersionMinor, (uint)version.VersionPatchlevel);
    }
}
