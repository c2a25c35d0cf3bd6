using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>
/// A host that refuses user namespaces: one inside a user namespace whose own limit of further ones is 0
/// (<c>user.max_user_namespaces</c>, user_namespaces(7)). The sandbox goes on with what is left, and says what is not.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class RefusedNamespacesTests
{
    private const string Lost = "the processes are not in namespaces of their own, and only Landlock and the filter of system calls hold them";
    private const string Remedy = "set user.max_user_namespaces";

    [Fact]
    public void Doctor_NamesTheSetting_AndWhatIsLeftOfEachCage()
    {
        DoctorRun run = DoctorRun.Of(Refusing());

        run.Shows("user-namespaces", "missing", "bubblewrap does not work here");
        run.Shows("user-namespaces", "missing", Lost);
        Assert.Contains(Remedy, run.Result.StandardOutput, StringComparison.Ordinal);
        foreach (string process in (string[])["vmm-core", "gpu-process", "display-process"])
        {
            run.Shows("sandbox." + process, "limited", "system calls, Landlock ");
            run.Shows("sandbox." + process, "limited", "no namespaces of its own");
        }

        // Nothing else depends on them.
        run.Shows("headless", "works", "--display headless");
        run.Shows("context.2d", "works", "virgl=off");
    }

    [Fact]
    public void Run_SaysWhatIsMissing_AndRunsTheGuest()
    {
        string[] refusing = Refusing();
        RunResult result = DoctorRun.Run(refusing, [.. Microguest("boot")]);

        Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
        Assert.Matches("vmm-core: [0-9]+ system calls", result.StandardError);
        Assert.DoesNotContain("vmm-core: namespaces", result.StandardError, StringComparison.Ordinal);
        string missing = Assert.Single(result.StandardError.Split('\n'), line => line.Contains("sandbox: missing:", StringComparison.Ordinal));
        Assert.Contains(Lost, missing, StringComparison.Ordinal);
        Assert.Contains(Remedy, missing, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithARootThatNeedsThem_IsRefusedWithTheReason()
    {
        string[] refusing = Refusing();
        string root = Directory.CreateTempSubdirectory("splitvmm-root-").FullName;
        Directory.CreateDirectory(Path.Combine(root, "usr"));
        try
        {
            RunResult result = DoctorRun.Run(refusing, [.. Microguest("boot"), "--gpu-runtime", root]);

            Assert.NotEqual(0, result.ExitStatus);
            Assert.Contains("--gpu-runtime cannot be used", result.StandardError, StringComparison.Ordinal);
            Assert.Contains(Remedy, result.StandardError, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string[] Microguest(string test) =>
    [
        SourceTree.Executable("splitvmm"), "run", "--kernel", SourceTree.Path("out", "microguest", "microguest.elf"), "--append", $"test={test}",
        "--gpu", "virgl=off", "--display", "headless",
    ];

    private static string[] Refusing()
    {
        Needs.Kvm();
        _ = Needs.Program("bwrap", "bubblewrap");
        string[] words =
        [
            Needs.Program("unshare", "util-linux"), "--user", "--map-root-user", "--",
            "sh", "-c", "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"", "sh",
        ];
        RunResult tried = ChildProgram.Run(words[0], [.. words[1..], "true"], TimeSpan.FromSeconds(30));
        if (tried.ExitStatus != 0)
        {
            Assert.Skip($"this machine cannot be made to refuse user namespaces: {tried.StandardError.Trim()}");
        }

        return words;
    }
}
