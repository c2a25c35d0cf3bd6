using System.Net.Sockets;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.Sandbox;

namespace SplitVmm.DesktopService.Doctor;

/// <summary>The host that this program runs on.</summary>
internal sealed class RealHost : IHost
{
    // Files of /proc and /sys that are asked for are shorter; no other is read.
    private const int LongestFile = 1 << 20;

    public string? LibseccompVersion => FilterCompiler.Version;

    public int LandlockAbi => ProcessSandbox.LandlockAbi;

    public string? ReadText(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var buffer = new char[LongestFile];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public bool Exists(string path) => Path.Exists(path);

    public IReadOnlyList<string> List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public FileAccessState Access(string path)
    {
        if (!Path.Exists(path))
        {
            return FileAccessState.NotThere;
        }

        return Libc.access(path, Libc.R_OK | Libc.W_OK) == 0 ? FileAccessState.Granted : FileAccessState.Denied;
    }

    public bool CanConnect(string socket)
    {
        try
        {
            using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            connection.Connect(new UnixDomainSocketEndPoint(socket));
            return true;
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            return false;
        }
    }

    public string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    public string? FindProgram(string name) => (Variable("PATH") ?? "/usr/bin:/bin").Split(':')
        .Where(Path.IsPathRooted)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    public string? WhyNoNamespaces() => Bubblewrap.WhyNot(Bubblewrap.Find());
}
