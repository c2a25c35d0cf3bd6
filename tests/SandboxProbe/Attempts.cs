using System.Runtime.InteropServices;
using SplitVmm.SandboxProbe.Interop;

namespace SplitVmm.SandboxProbe;

/// <summary>
/// What somebody would try who has taken the process over. Where an argument can be invalid in a way that only the
/// kernel's handler notices, it is: outside the cage the attempt then changes nothing and is refused for that reason.
/// </summary>
internal static class Attempts
{
    private const int AF_UNIX = 1, AF_INET = 2, AF_NETLINK = 16, AF_VSOCK = 40;
    private const int SOCK_STREAM = 1, SOCK_RAW = 3;
    private const int PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4;
    private const int MAP_PRIVATE_ANONYMOUS = 0x22;
    private const int CLONE_NEWUSER = 0x1000_0000;
    private const int SIGCHLD = 17;
    private const int O_DIRECTORY = 0x10000, O_TMPFILE_RDWR = 0x410002;

    // A buffer that cannot be read: the kernel's handler says EFAULT, a filter never gets that far.
    private const nint Nowhere = 1;

    public static IReadOnlyDictionary<string, Attempt> All { get; } = new Dictionary<string, Attempt>
    {
        ["open-passwd"] = () => Call.Open("/etc/passwd"),
        ["open-home"] = () => Call.Open("/home"),
        ["open-proc"] = () => Call.Open("/proc/1/status"),
        ["open-self-mem"] = () => Call.Open("/proc/self/mem", 2),
        ["open-sys-kernel"] = () => Call.Open("/sys/kernel/uevent_seqnum"),
        ["open-dev-full"] = () => Call.Open("/dev/full"),
        ["open-create"] = () => Call.Open("/tmp", O_TMPFILE_RDWR, 0x180),
        ["stat-passwd"] = () => Call.Of(4, Call.Text("/etc/passwd"), Call.Block(256)),
        ["list-root"] = ListRoot,
        ["socket-inet"] = () => Call.Of(41, AF_INET, SOCK_STREAM),
        ["socket-unix"] = () => Call.Of(41, AF_UNIX, SOCK_STREAM),
        ["socket-netlink"] = () => Call.Of(41, AF_NETLINK, SOCK_RAW),
        ["socket-vsock"] = () => Call.Of(41, AF_VSOCK, SOCK_STREAM),
        ["connect"] = () => Call.Of(42, -1, Nowhere, 16),
        ["bind"] = () => Call.Of(49, -1, Nowhere, 16),
        ["listen"] = () => Call.Of(50, -1, 1),
        ["accept"] = () => Call.Of(288, -1),
        ["execve"] = () => Call.Of(59, Call.Text("/bin/true"), Nowhere),
        ["execveat-memfd"] = () => Call.Of(322, -1, Call.Text(""), Nowhere, 0, 0x1000),
        ["fork"] = () => Child(Call.Of(57)),
        ["clone-process"] = () => Child(Call.Of(56, SIGCHLD)),
        ["clone3-process"] = () => Call.Of(435, Nowhere, 64),
        ["clone-new-user"] = () => Child(Call.Of(56, CLONE_NEWUSER | SIGCHLD)),
        ["unshare-user"] = () => Call.Of(272, CLONE_NEWUSER),
        ["setns"] = () => Call.Of(308, -1, 0),
        ["ptrace"] = () => Call.Of(101, 0x7fff),
        ["process-vm-readv"] = () => Call.Of(310, 1, Nowhere, 1, Nowhere, 1),
        ["process-vm-writev"] = () => Call.Of(311, 1, Nowhere, 1, Nowhere, 1),
        ["pidfd-open"] = () => Call.Of(434, OutsidePid),
        ["pidfd-getfd"] = () => Call.Of(438, -1, 0),
        ["kill-all"] = () => Call.Of(62, -1, 0),
        ["kill-parent"] = () => Call.Of(62, (nint)Call.Of(110), 0),
        ["tgkill-outside"] = () => Call.Of(234, OutsidePid, OutsidePid, 0),
        ["pidfd-send-signal"] = () => Call.Of(424, -1, 0),
        ["rt-sigqueueinfo"] = () => Call.Of(129, 1, 10, Nowhere),
        ["mount"] = () => Call.Of(165, Nowhere, Nowhere, Nowhere),
        ["umount"] = () => Call.Of(166, Nowhere),
        ["pivot-root"] = () => Call.Of(155, Nowhere, Nowhere),
        ["chroot"] = () => Call.Of(161, Nowhere),
        ["open-tree"] = () => Call.Of(428, -1, Nowhere, 0x7fff_0000),
        ["fsopen"] = () => Call.Of(430, Nowhere),
        ["init-module"] = () => Call.Of(175, Nowhere, 8, Nowhere),
        ["finit-module"] = () => Call.Of(313, -1, Nowhere),
        ["bpf"] = () => Call.Of(321, 0x7fff),
        ["perf-event-open"] = () => Call.Of(298, Nowhere),
        ["userfaultfd"] = () => Call.Of(323, 0x7000_0000),
        ["io-uring-setup"] = () => Call.Of(425, 1, Nowhere),
        ["keyctl"] = () => Call.Of(250, 0x7fff),
        ["add-key"] = () => Call.Of(248, Nowhere, Nowhere),
        ["personality"] = () => Call.Of(135, unchecked((nint)0xffff_ffffUL)),
        ["iopl"] = () => Call.Of(172, 7),
        ["modify-ldt"] = () => Call.Of(154, 0x7fff),
        ["kexec-load"] = () => Call.Of(246, 0, 0x7fff),
        ["open-by-handle"] = () => Call.Of(304, -1, Nowhere),
        ["mmap-exec"] = () => Call.Of(9, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE_ANONYMOUS, -1),
        ["mmap-write-exec"] = () => Call.Of(9, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE_ANONYMOUS, -1),
        ["mprotect-exec"] = () =>
            Call.Of(10, (nint)Call.Of(9, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1), 4096, PROT_READ | PROT_EXEC),
        ["ioctl-tiocsti"] = () => Call.Of(16, -1, 0x5412),
        ["ioctl-tioclinux"] = () => Call.Of(16, -1, 0x541c),
        ["fcntl-setown"] = () => Call.Of(72, -1, 8, 1),
        ["prctl-dumpable"] = () => Call.Of(157, 4, 1),
        ["prctl-seccomp"] = () => Call.Of(157, 22, 0x7fff),
        ["setuid"] = () => Call.Of(105, (nint)Call.Of(102)),
        ["setrlimit-files"] = () => Call.Of(160, 7, Nowhere),
        ["prlimit-files"] = () => Call.Of(302, 0, 7, Nowhere),
        ["setpriority"] = () => Call.Of(141, 0, 0, 0),
        ["shmget"] = () => Call.Of(29, 0, 4096, 0x380),
        ["msgget"] = () => Call.Of(68, 0, 0x380),
        ["inotify"] = () => Call.Of(294, 0),
        ["fanotify"] = () => Call.Of(300, 0x7fff_0000),
        ["memfd-secret"] = () => Call.Of(447, 0x7fff_0000),
        ["chmod"] = () => Call.Of(90, Nowhere, 0),
        ["link"] = () => Call.Of(86, Nowhere, Nowhere),
        ["symlink"] = () => Call.Of(88, Nowhere, Nowhere),
        ["mknod"] = () => Call.Of(133, Nowhere, 0),
        ["truncate"] = () => Call.Of(76, Nowhere, 0),
        ["none"] = () => Call.Of(39),
        ["sleep"] = Sleep,
        ["abort"] = Abort,
    };

    /// <summary>Told on the command line: a process that the test holds, outside.</summary>
    public static int OutsidePid { get; set; } = 1;

    private static long Child(long pid) => pid != 0 ? pid : EndChild();

    private static long EndChild()
    {
        // The copy must not go on as if it were the probe.
        Libc._exit(0);
        return 0;
    }

    /// <summary>As a C library does that has found a defect of its own.</summary>
    private static long Abort()
    {
        Libc.abort();
        return 0;
    }

    private static long ListRoot()
    {
        long root = Call.Open("/", O_DIRECTORY);
        return root < 0 ? root : Call.Of(217, (nint)root, Call.Block(4096), 4096);
    }

    /// <summary>Stays for a while, to be looked at from outside.</summary>
    private static long Sleep()
    {
        nint time = Call.Block(16);
        Marshal.WriteInt64(time, 20);
        return Call.Of(35, time);
    }
}
