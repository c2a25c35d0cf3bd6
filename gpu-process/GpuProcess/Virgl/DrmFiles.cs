using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>
/// Files of a render node for virglrenderer's own native contexts. It takes one for each context and closes it; no two contexts
/// may share one, because GEM handles belong to the file. Once the cage is closed nothing can be opened, so some are opened before.
/// </summary>
internal sealed class DrmFiles : IDisposable
{
    private readonly string _path;
    private readonly Stack<Descriptor> _spares = new();

    private DrmFiles(string path) => _path = path;

    /// <param name="path">Null: the first node that can be opened.</param>
    /// <param name="spares">Contexts that can be made once nothing can be opened any more.</param>
    /// <exception cref="VirglException">There is none.</exception>
    public static DrmFiles Open(string? path, int spares)
    {
        foreach (string node in path is null ? KernelDrmDevice.Nodes() : [path])
        {
            var files = new DrmFiles(node);
            while (files._spares.Count < spares && KernelDrmFile.TryOpenDescriptor(node, out _) is { } spare)
            {
                files._spares.Push(spare);
            }

            if (files._spares.Count > 0)
            {
                return files;
            }
        }

        throw new VirglException(
            $"--gpu drm_native_context=on,native=virglrenderer needs a render node that this user may open, and {path ?? "/dev/dri"} is none: name another with drm_node=, or add the user to the group render");
    }

    /// <summary>Gives a file away.</summary>
    /// <returns>The number of a descriptor, the caller's from then on; -1: there is none.</returns>
    public int Take()
    {
        Descriptor? file = KernelDrmFile.TryOpenDescriptor(_path, out _);
        if (file is null && !_spares.TryPop(out file))
        {
            return -1;
        }

        int number = file.Number;
        file.SetHandleAsInvalid();
        return number;
    }

    public void Dispose()
    {
        while (_spares.TryPop(out Descriptor? file))
        {
            file.Dispose();
        }
    }
}
