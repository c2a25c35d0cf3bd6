using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>
/// Files of a render node for virglrenderer's own native contexts. It takes one for each context and closes it; no two contexts
/// may share one, because GEM handles belong to the file. Once the cage is closed nothing can be opened, so some are opened before.
/// </summary>
internal sealed class DrmFiles : IDisposable
{
    /// <summary>Native contexts that a process in a cage can have had, all together: the library gives no file back.</summary>
    private const int Spares = 256;

    private readonly string _path;
    private readonly Action<string> _log;
    private readonly Stack<Descriptor> _spares = new();

    private DrmFiles(string path, Action<string> log)
    {
        _path = path;
        _log = log;
    }

    /// <param name="path">Null: the first node that can be opened.</param>
    /// <param name="log">Is told when there are none left; from the library's thread.</param>
    /// <exception cref="VirglException">There is none.</exception>
    public static DrmFiles Open(string? path, Action<string> log)
    {
        foreach (string node in path is null ? KernelDrmDevice.Nodes() : [path])
        {
            var files = new DrmFiles(node, log);
            while (files._spares.Count < Spares && KernelDrmFile.TryOpenDescriptor(node, out _) is { } spare)
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
            _log($"all files of {_path} that were opened before the cage was closed are used, and no further native context can be made: splitvmm restart-gpu brings new ones, or use --gpu native=builtin, which uses files again");
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
