using System.Globalization;
using SplitVmm.Harness;

namespace SplitVmm.GpuProcess.Tests.Qemu;

/// <summary>
/// QEMU, with its generic vhost-user device in front of gpu-process, running the microguest. Only recent versions
/// have that device; the lab's image brings one with its libraries.
/// </summary>
internal static class QemuMachine
{
    private const int VIRTIO_ID_GPU = 16;

    /// <param name="socket">Where gpu-process listens.</param>
    /// <param name="append">The microguest's command line.</param>
    public static ChildProgram Start(string socket, string append)
    {
        string qemu = Path.Combine(Needs.Image("lab"), "qemu");
        string libraries = Path.Combine(qemu, "lib");
        return ChildProgram.Start(
            Path.Combine(libraries, "ld-linux-x86-64.so.2"),
            [
                "--argv0", "qemu-system-x86_64", "--library-path", libraries, Path.Combine(qemu, "bin", "qemu-system-x86_64"),
                "-L", Path.Combine(qemu, "firmware"), "-nodefaults", "-display", "none", "-no-reboot",
                "-machine", "q35,memory-backend=ram", "-accel", "tcg", "-m", "256M",
                "-object", "memory-backend-memfd,id=ram,size=256M,share=on",
                "-kernel", Microguest(), "-append", append, "-serial", "stdio",
                "-chardev", $"socket,id=gpu,path={socket}",
                "-device", string.Create(
                    CultureInfo.InvariantCulture,
                    $"vhost-user-test-device-pci,chardev=gpu,virtio-id={VIRTIO_ID_GPU},num_vqs=2,vq_size=256,config_size=16"),
            ]);
    }

    private static string Microguest()
    {
        _ = Needs.Program("gcc", "gcc");
        string folder = SourceTree.Path("out", "microguest");
        RunResult made = ChildProgram.Run(
            Needs.Program("make", "make"), ["-s", "-C", SourceTree.Path("tests", "microguest"), $"O={folder}"], TimeSpan.FromMinutes(5));
        return made.ExitStatus == 0
            ? Path.Combine(folder, "microguest.elf")
            : throw new InvalidOperationException($"the microguest cannot be built: {made.StandardError}");
    }
}
