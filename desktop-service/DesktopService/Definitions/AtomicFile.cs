using System.Text;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>Files that are replaced as a whole: whoever reads finds the old text or the new one, whatever fails.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes beside the file, brings the bytes to the disk, and renames; a loss of power afterwards cannot take the
    /// new name away either.
    /// </summary>
    /// <exception cref="IOException">Nothing has changed. One line that names the file.</exception>
    public static void Replace(string path, string text)
    {
        string folder = Path.GetDirectoryName(path)!;
        string draft = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.new");
        try
        {
            _ = Directory.CreateDirectory(folder);
            try
            {
                using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
                {
                    file.Write(Encoding.UTF8.GetBytes(text));
                    file.Flush(flushToDisk: true);
                }

                File.Move(draft, path, overwrite: true);
            }
            catch
            {
                File.Delete(draft);
                throw;
            }

            SyncFolder(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written, and is as it was: {error.Message}", error);
        }
    }

    // The rename is a change of the folder.
    private static void SyncFolder(string folder)
    {
        using Descriptor descriptor = OpenFile.Folder(folder);
        if (Libc.fsync(descriptor) != 0)
        {
            throw ErrnoException.FromLastError("fsync", folder);
        }
    }
}
