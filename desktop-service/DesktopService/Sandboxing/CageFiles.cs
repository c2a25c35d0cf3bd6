using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Diagnosis;
using SplitVmm.Platform.Errors;
using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>The files that one process needs in this run only, from the user's own options.</summary>
internal static class CageFiles
{
    /// <exception cref="IOException">A folder cannot be made. One line.</exception>
    /// <param name="pictures">Where display-process writes the pictures that it is asked for.</param>
    public static IReadOnlyList<FileGrant> Of(ProcessRole role, RunOptions options, string pictures) => role switch
    {
        ProcessRole.Core => Core(options),
        ProcessRole.Gpu => Gpu(options.Gpu ?? ""),
        ProcessRole.Venus => Venus(options.Gpu ?? ""),
        _ => [.. Display(options.Display), new FileGrant(pictures, FileUse.Write)],
    };

    private static List<FileGrant> Core(RunOptions options)
    {
        var files = new List<FileGrant> { Read(options.Kernel) };
        if (options.Initrd is { } initrd)
        {
            files.Add(Read(initrd));
        }

        // The sockets of further devices; vmm-core judges the rest of the option.
        files.AddRange(options.VhostUser.SelectMany(device => KeyValues.Of(device, "path")).Select(path => new FileGrant(Path.GetFullPath(path), FileUse.Write)));
        return files;
    }

    // What is wrong with the option gpu-process says.
    private static List<FileGrant> Gpu(string gpu) =>
    [
        .. KeyValues.Of(gpu, "drm_node").Where(DrmNodeName.IsRight).Select(name => DrmNodeName.Find(name, out _)).OfType<string>()
            .Select(node => new FileGrant(node, FileUse.Device)),
    ];

    // The one that the user chose, or all, among which the loader finds the drivers' own. Never those of a screen (cardN).
    private static List<FileGrant> Venus(string gpu)
    {
        const string Folder = "/dev/dri";
        List<FileGrant> chosen = Gpu(gpu);
        return chosen.Count > 0 || !Directory.Exists(Folder)
            ? chosen
            : [.. Directory.EnumerateFiles(Folder, "renderD*").Order(StringComparer.Ordinal).Select(node => new FileGrant(node, FileUse.Device))];
    }

    private static List<FileGrant> Display(DisplayChoice display)
    {
        var files = new List<FileGrant>();
        foreach ((string key, string value) in display.Options)
        {
            if (key == "frames")
            {
                files.Add(new FileGrant(MakeFolder(value), FileUse.Write));
            }
        }

        if (display.Backend == DisplayBackend.Sdl)
        {
            files.AddRange(DisplaySockets.Find(Environment.GetEnvironmentVariable));
        }

        return files;
    }

    private static FileGrant Read(string path) => new(Path.GetFullPath(path), FileUse.Read);

    // Made here: in its cage, the process could not.
    private static string MakeFolder(string path)
    {
        try
        {
            return Directory.CreateDirectory(path).FullName;
        }
        catch (UnauthorizedAccessException)
        {
            throw new ErrnoException("mkdir", Errno.EACCES, path);
        }
    }
}
