using System.Runtime.InteropServices;

namespace SplitVmm.DesktopService.Machines;

/// <summary>
/// Where running machines can be found by their owner's other commands: <c>$XDG_RUNTIME_DIR/splitvmm/NAME/control</c>.
/// The folders are their owner's alone (mode 0700).
/// </summary>
internal static partial class RuntimeFolder
{
    private const string SocketName = "control";
    private const int Races = 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Null: this session has no folder for running programs.</summary>
    public static string? Root
    {
        get
        {
            string? chosen = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            string usual = FormattableString.Invariant($"/run/user/{geteuid()}");
            string? session = !string.IsNullOrEmpty(chosen) ? chosen : Directory.Exists(usual) ? usual : null;
            return session is null ? null : Path.Combine(session, "splitvmm");
        }
    }

    public static string FolderOf(string root, string name) => Path.Combine(root, name);

    public static string SocketOf(string root, string name) => Path.Combine(root, name, SocketName);

    /// <summary>Makes the machine's folder, if it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make(string root, string name)
    {
        for (int left = Races; ; left--)
        {
            try
            {
                _ = Directory.CreateDirectory(root, OwnerOnly);
                _ = Directory.CreateDirectory(FolderOf(root, name), OwnerOnly);
                return;
            }
            catch (DirectoryNotFoundException) when (left > 0)
            {
                // The last other machine ended between the two calls, and took the root along.
            }
            catch (UnauthorizedAccessException error)
            {
                throw new IOException(error.Message, error);
            }
        }
    }

    /// <summary>Removes the machine's folder, which its socket has left, and the root after the last machine's; what is not empty stays.</summary>
    public static void Remove(string root, string name)
    {
        try
        {
            Directory.Delete(FolderOf(root, name));
            Directory.Delete(root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody has put something there: it is theirs. Or another machine runs.
        }
    }

    /// <summary>Names of the folders there are, running machines or left over.</summary>
    public static string[] Names() => Root is { } root && Directory.Exists(root)
        ? [.. Directory.GetDirectories(root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
