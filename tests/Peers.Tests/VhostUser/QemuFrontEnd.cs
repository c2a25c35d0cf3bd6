using SplitVmm.Harness;
using SplitVmm.Virtio.Driver;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>
/// QEMU as the front end of a vhost-user disk. The CPU sleeps: the test is the driver, by qtest and by writing into
/// guest RAM, which is a memfd of the test.
/// </summary>
internal sealed class QemuFrontEnd : IDisposable
{
    public const int RamSize = 64 << 20;
    private const uint Slot = 4;

    private readonly ChildProgram _program;
    private readonly string _folder;
    private readonly QtestClient _qtest;

    /// <param name="program">Where <c>qemu-system-x86_64</c> is.</param>
    /// <param name="folder">For sockets; the back end listens on <c>disk</c> in it.</param>
    /// <param name="reconnects">QEMU connects again after a second when the back end has gone.</param>
    public QemuFrontEnd(string program, string folder, bool reconnects)
    {
        _folder = folder;
        string chardev = $"socket,id=disk,path={Path.Combine(folder, "disk")}";
        _program = ChildProgram.Start(
            program,
            [
                "-machine", "q35,memory-backend=ram", "-accel", "tcg", "-bios", MakeFirmware(folder),
                "-display", "none", "-nodefaults",
                "-object", $"memory-backend-file,id=ram,size={RamSize},share=on,mem-path=/proc/{Environment.ProcessId}/fd/{Ram.File.Number}",
                "-qtest", $"unix:{Path.Combine(folder, "qtest")},server=on,wait=off", "-qtest-log", "none",
                "-chardev", reconnects ? $"{chardev},reconnect=1" : chardev,
                "-device", $"vhost-user-blk-pci,chardev=disk,num-queues=1,addr=0x{Slot:x}",
            ]);
        try
        {
            _qtest = Connect();
            Device = new QtestVirtioPci(_qtest, Slot);
        }
        catch
        {
            _program.Dispose();
            Ram.Dispose();
            throw;
        }
    }

    /// <summary>Guest RAM, from address 0.</summary>
    public DriverMemory Ram { get; } = MakeRam();

    public QtestVirtioPci Device { get; }

    public string Errors => _program.StandardError;

    public void Dispose()
    {
        _qtest.Dispose();
        _program.Dispose();
        Ram.Dispose();
    }

    /// <summary>Firmware that leaves every device alone: <c>cli; hlt; jmp</c> at the reset vector.</summary>
    private static string MakeFirmware(string folder)
    {
        byte[] rom = new byte[64 << 10];
        ((ReadOnlySpan<byte>)[0xFA, 0xF4, 0xEB, 0xFD]).CopyTo(rom.AsSpan(rom.Length - 16));
        string path = Path.Combine(folder, "firmware");
        File.WriteAllBytes(path, rom);
        return path;
    }

    private static DriverMemory MakeRam()
    {
        var ram = new DriverMemory(RamSize, guestAddress: 0);
        // The first MiB has holes and ROMs; a driver keeps out of it.
        _ = ram.Allocate(1 << 20);
        return ram;
    }

    private QtestClient Connect()
    {
        string path = Path.Combine(_folder, "qtest");
        long end = Environment.TickCount64 + 30_000;
        while (true)
        {
            try
            {
                return new QtestClient(path);
            }
            catch (System.Net.Sockets.SocketException) when (Environment.TickCount64 < end && !_program.HasExited)
            {
                // Not listening yet.
                Thread.Sleep(20);
            }
            catch (System.Net.Sockets.SocketException exception)
            {
                throw new InvalidOperationException($"QEMU does not start: {_program.StandardError}", exception);
            }
        }
    }
}
