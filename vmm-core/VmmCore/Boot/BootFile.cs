using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// A file that is placed in guest RAM. It stays open for the life of the machine, so that a reboot loads the same
/// file even if its name has gone to another, or the process may open nothing any more.
/// </summary>
public sealed class BootFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private BootFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>Bytes.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <exception cref="BootException">It cannot be opened; the message says why.</exception>
    public static BootFile Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new BootException($"{path} is a directory: name a file");
        }

        try
        {
            var file = new BootFile(path, File.OpenHandle(path));
            return file.Length > 0 ? file : throw new BootException($"{path} is empty: name another file");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BootException($"{path} does not exist: name an existing file");
        }
        catch (UnauthorizedAccessException)
        {
            throw new BootException($"{path} may not be read: give yourself permission with chmod or name another file");
        }
    }

    /// <summary>Fills <paramref name="destination"/> from the file; false if the file ends first.</summary>
    public bool TryRead(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, destination, offset);
            if (read <= 0)
            {
                return false;
            }

            destination = destination[read..];
            offset += read;
        }

        return true;
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>A size as a person reads it.</summary>
    internal static string Describe(ulong bytes)
    {
        const ulong MiB = 1 << 20;
        return bytes >= MiB
            ? string.Create(CultureInfo.InvariantCulture, $"{(bytes + MiB - 1) / MiB} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }
}
