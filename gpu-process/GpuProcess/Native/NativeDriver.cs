using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;

namespace SplitVmm.GpuProcess.Native;

/// <summary>The host half of one kernel driver's native context.</summary>
internal abstract class NativeDriver
{
    /// <summary>As DRM_IOCTL_VERSION says it.</summary>
    public abstract string Name { get; }

    /// <summary>Asks the kernel driver what guests have to know.</summary>
    /// <param name="file">An empty one.</param>
    /// <param name="device">Whose file it is.</param>
    /// <returns>Capability set 6; null: this kernel cannot do it, for <paramref name="why"/>.</returns>
    public abstract byte[]? Probe(IDrmFile file, IDrmDevice device, out string why);

    /// <summary>Makes a context for a guest, after <see cref="Probe"/>.</summary>
    public abstract NativeContext CreateContext(NativeContextSetup setup);

    /// <summary>The part of the set that all drivers have.</summary>
    protected static DrmCapset Capset(uint type, uint wireFormat, DrmDriverVersion version) => new()
    {
        WireFormatVersion = wireFormat,
        VersionMajor = version.Major,
        VersionMinor = version.Minor,
        VersionPatchlevel = version.Patchlevel,
        ContextType = type,
    };
}
