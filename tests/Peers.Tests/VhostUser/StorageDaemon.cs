using SplitVmm.Harness;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>QEMU's storage daemon with one disk, a raw file, exported as vhost-user-blk.</summary>
internal sealed class StorageDaemon : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("storage-daemon-").FullName;
    private readonly ChildProgram _program;

    public StorageDaemon(string program, byte[] contents)
    {
        Disk = Path.Combine(_folder, "disk.raw");
        File.WriteAllBytes(Disk, contents);
        _program = ChildProgram.Start(
            program,
            [
                "--blockdev", $"driver=file,node-name=disk,filename={Disk}",
                "--export", $"type=vhost-user-blk,id=export,node-name=disk,writable=on,addr.type=unix,addr.path={SocketPath}",
            ]);
    }

    /// <summary>The file behind the disk.</summary>
    public string Disk { get; }

    private string SocketPath => Path.Combine(_folder, "socket");

    /// <summary>Connects as soon as the daemon listens.</summary>
    public UnixSocket Connect()
    {
        long end = Environment.TickCount64 + (long)StartTime.TotalMilliseconds;
        while (true)
        {
            try
            {
                return UnixSocket.Connect(SocketPath);
            }
            catch (ErrnoException) when (Environment.TickCount64 < end && !_program.HasExited)
            {
                // Not listening yet.
                Thread.Sleep(20);
            }
            catch (ErrnoException exception)
            {
                throw new InvalidOperationException($"the storage daemon does not listen: {_program.StandardError}", exception);
            }
        }
    }

    public void Kill() => _program.Kill();

    public void Dispose()
    {
        _program.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
