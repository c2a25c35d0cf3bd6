using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Sandbox.Tests;

/// <summary>
/// Ways out, tried from inside each cage by a program that entered it as the real process does: each must be refused,
/// and each is tried outside too, where something else must happen, so that the test could fail.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class EscapeTests
{
    private static readonly string[] s_attempts =
    [
        "open-passwd", "open-home", "open-proc", "open-self-mem", "open-sys-kernel", "open-dev-full", "open-create", "stat-passwd", "list-root",
        "socket-inet", "socket-unix", "socket-netlink", "socket-vsock", "connect", "bind", "listen", "accept",
        "execve", "execveat-memfd", "fork", "clone-process", "clone3-process", "clone-new-user", "unshare-user", "setns",
        "ptrace", "process-vm-readv", "process-vm-writev", "pidfd-open", "pidfd-getfd",
        "kill-all", "kill-parent", "tgkill-outside", "pidfd-send-signal", "rt-sigqueueinfo",
        "mount", "umount", "pivot-root", "chroot", "open-tree", "fsopen", "init-module", "finit-module",
        "bpf", "perf-event-open", "userfaultfd", "io-uring-setup", "keyctl", "add-key", "personality", "iopl", "modify-ldt",
        "kexec-load", "open-by-handle", "mmap-exec", "mmap-write-exec", "mprotect-exec",
        "ioctl-tiocsti", "ioctl-tioclinux", "fcntl-setown", "prctl-dumpable", "prctl-seccomp", "setuid",
        "setrlimit-files", "prlimit-files", "setpriority", "shmget", "msgget", "inotify", "fanotify", "memfd-secret",
        "chmod", "link", "symlink", "mknod", "truncate",
    ];

    /// <summary>What a policy permits on purpose (docs/security.md says why): asserted as well.</summary>
    private static readonly HashSet<(ProcessRole, string)> s_permitted =
    [
        (ProcessRole.Gpu, "mmap-exec"), (ProcessRole.Gpu, "mmap-write-exec"), (ProcessRole.Gpu, "mprotect-exec"),
        // Fresh zeros that nobody can write: harmless, and told apart from a file by no filter.
        (ProcessRole.Display, "mmap-exec"),
        (ProcessRole.Venus, "mmap-exec"), (ProcessRole.Venus, "mmap-write-exec"), (ProcessRole.Venus, "mprotect-exec"),
    ];

    /// <summary>EPERM, ENOENT, ESRCH, EACCES, EROFS, ENOSYS.</summary>
    private static readonly long[] s_refusals = [-1, -2, -3, -13, -30, -38];

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        foreach (ProcessRole role in Enum.GetValues<ProcessRole>())
        {
            foreach (string attempt in s_attempts)
            {
                rows.Add(role.Name(), attempt);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Attempt_InTheCage_IsRefused(string process, string attempt)
    {
        ProcessRole role = RoleOf(process);
        ProbeOutcome inside = ProbeRun.Inside(role, attempt);
        ProbeOutcome outside = ProbeRun.Outside(attempt);
        Assert.False(outside.Result is null && !outside.WasKilled, $"the probe itself failed: {outside}");
        if (s_permitted.Contains((role, attempt)))
        {
            Assert.True(inside.Result >= 0, $"meant to be permitted: {inside}");
            return;
        }

        Assert.True(inside.WasKilled || s_refusals.Contains(inside.Result ?? 0), $"not refused: {inside}");
        Assert.True(inside.WasKilled || inside.Result != outside.Result, $"the same happens outside, so this shows nothing: {outside}");
    }

    [Theory]
    [InlineData("vmm-core")]
    [InlineData("gpu-process")]
    [InlineData("display-process")]
    public void Cage_HasEveryLayer(string process)
    {
        ProcessRole role = RoleOf(process);
        ProbeOutcome inside = ProbeRun.Inside(role, "none");
        Assert.True(inside.Exit.IsSuccess, inside.ToString());
        int calls = ShippedPolicies.Of(role).AllowedCalls.Count();
        Assert.Equal(calls.ToString(System.Globalization.CultureInfo.InvariantCulture), inside.State![0]);
        TestContext.Current.TestOutputHelper!.WriteLine($"METRIC sandbox {process}: {calls} system calls, Landlock {inside.State[1]}, refuses new code: {inside.State[2]}");
        Assert.NotEqual("0", inside.State[1]);
        Assert.Equal(ShippedPolicies.Of(role).RefuseExecutableMemory, bool.Parse(inside.State[2]));
    }

    [Theory]
    [InlineData("vmm-core")]
    [InlineData("gpu-process")]
    [InlineData("display-process")]
    [InlineData("venus-server")]
    public void Cage_SeenFromOutside_HasNothingLeft(string process)
    {
        string status = "", limits = "";
        string[] namespaces = [];
        string[] open = [];
        _ = ProbeRun.Inside(RoleOf(process), "sleep", pid =>
        {
            status = File.ReadAllText($"/proc/{pid}/status");
            limits = File.ReadAllText($"/proc/{pid}/limits");
            if (Environment.IsPrivilegedProcess)
            {
                namespaces = [.. Directory.GetFiles($"/proc/{pid}/ns").Where(entry => Target(entry) == Target(entry.Replace($"/{pid}/", "/self/", StringComparison.Ordinal))).Select(Path.GetFileName).OfType<string>()];
                open = [.. Directory.GetFiles($"/proc/{pid}/fd").Select(Target)];
            }
        });
        foreach (string line in (string[])["NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000"])
        {
            Assert.Contains(line, status, StringComparison.Ordinal);
        }

        // The first of a PID namespace of its own.
        Assert.Matches(@"NSpid:\t\d+\t1\n", status);
        Assert.Matches(@"Max core file size +0 +0 ", limits);
        Assert.All(namespaces, name => Assert.StartsWith("time", name, StringComparison.Ordinal));
        // Standard streams, and what .NET opens for itself: no plan, no pipe of bubblewrap.
        Assert.DoesNotContain(open, target => target.Contains("splitvmm-sandbox", StringComparison.Ordinal));
        Assert.True(open.Length <= 8, string.Join(", ", open));
    }

    [Theory]
    [InlineData("vmm-core")]
    [InlineData("gpu-process")]
    [InlineData("display-process")]
    [InlineData("venus-server")]
    public void Cage_LibraryThatAborts_EndsTheProcess(string process)
    {
        // The first process of a PID namespace is deaf to its own signals; the C library has a last resort.
        ProbeOutcome inside = ProbeRun.Inside(RoleOf(process), "abort");
        Assert.True(inside.Exit.IsSignal && !inside.WasKilled, inside.ToString());
    }

    private static ProcessRole RoleOf(string process) => Enum.GetValues<ProcessRole>().Single(role => role.Name() == process);

    private static string Target(string link) => File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name ?? "";
}
