using System.Diagnostics.CodeAnalysis;
using SplitVmm.Platform.Errors;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>A render node of this host.</summary>
/// <remarks>
/// Every context needs an open file description of its own, and after the cage is closed nothing can be opened any more.
/// So some are opened before; one whose context has ended cleanly serves another one.
/// </remarks>
internal sealed class KernelDrmDevice : IDrmDevice
{
    private const string Folder = "/dev/dri";

    private readonly string _path;
    private readonly Stack<IDrmFile> _spares = new();
    private readonly int _mostSpares;

    private KernelDrmDevice(string path, KernelDrmFile first, DrmDriverVersion version, int spares)
    {
        _path = path;
        Version = version;
        Pci = PciIdentity.Of(path);
        _mostSpares = spares;
        _spares.Push(first);
    }

    public string Description => $"{_path} ({Version.Name} {Version.Major}.{Version.Minor}.{Version.Patchlevel})";

    public DrmDriverVersion Version { get; }

    public PciIdentity? Pci { get; }

    /// <summary>Opens the node that the user has named, or the first one with a known driver.</summary>
    /// <param name="path">Null: whichever there is.</param>
    /// <param name="drivers">Names of the drivers that will do.</param>
    /// <param name="spares">Contexts that can exist at once when nothing can be opened any more.</param>
    /// <exception cref="NativeException">There is none, with the reason.</exception>
    public static KernelDrmDevice Open(string? path, IReadOnlyCollection<string> drivers, int spares)
    {
        if (path is not null)
        {
            return TryOpen(path, drivers, spares, out string why) ?? throw new NativeException(
                $"--gpu drm_native_context=on cannot use drm_node={path}: {why}");
        }

        var reasons = new List<string>();
        foreach (string node in Nodes())
        {
            if (TryOpen(node, drivers, spares, out string why) is { } device)
            {
                return device;
            }

            reasons.Add($"{node} {why}");
        }

        string found = reasons.Count == 0 ? $"there is none in {Folder}" : string.Join("; ", reasons);
        throw new NativeException(
            $"--gpu drm_native_context=on needs a render node of {string.Join(", ", drivers)}: {found}; leave it away where the GPU is another");
    }

    /// <summary>Opens one node.</summary>
    /// <param name="why">If null is returned: the reason, to follow the node's name.</param>
    public static KernelDrmDevice? TryOpen(string path, IReadOnlyCollection<string> drivers, int spares, out string why)
    {
        KernelDrmFile? file = KernelDrmFile.TryOpen(path, out int errno);
        if (file is null)
        {
            why = errno switch
            {
                Errno.EACCES or Errno.EPERM => "may not be opened by this user: add the user to the group render",
                Errno.ENOENT => "does not exist",
                _ => $"cannot be opened, errno {errno}",
            };
            return null;
        }

        DrmDriverVersion? version = DrmDriverVersion.TryRead(file);
        if (version is null || !drivers.Contains(version.Name))
        {
            file.Dispose();
            why = version is null
                ? "is no DRM device"
                : $"has the driver {version.Name}, which has no native context here (those with one: {string.Join(", ", drivers)})";
            return null;
        }

        var device = new KernelDrmDevice(path, file, version, spares);
        while (device._spares.Count < spares && KernelDrmFile.TryOpen(path, out _) is { } spare)
        {
            device._spares.Push(spare);
        }

        why = "";
        return device;
    }

    public bool TryOpen([NotNullWhen(true)] out IDrmFile? file)
    {
        file = KernelDrmFile.TryOpen(_path, out _);
        return file is not null || _spares.TryPop(out file);
    }

    public void Return(IDrmFile file, bool isEmpty)
    {
        if (isEmpty && _spares.Count < _mostSpares)
        {
            _spares.Push(file);
        }
        else
        {
            file.Dispose();
        }
    }

    public void Dispose()
    {
        while (_spares.TryPop(out IDrmFile? file))
        {
            file.Dispose();
        }
    }

    /// <summary>The render nodes of this host, in the order of their numbers.</summary>
    public static IEnumerable<string> Nodes() => Directory.Exists(Folder)
        ? Directory.EnumerateFileSystemEntries(Folder, "renderD*").Order(StringComparer.Ordinal)
        : [];
}
