using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>The real program and its processes must say of this machine what is so, whatever machine it is.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed partial class ThisMachineTests
{
    [Fact]
    public void Doctor_SaysWhatIsSoOfThisMachine()
    {
        Needs.Kvm();
        DoctorRun run = DoctorRun.Of([]);

        Assert.Equal(run.Root.GetProperty("canRun").GetBoolean() ? 0 : 1, run.Result.ExitStatus);
        run.Shows("kernel", "works", File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        run.Shows("kvm-device", "works", "this user may open it");
        bool hasNodes = Directory.Exists("/dev/dri") && Directory.EnumerateFiles("/dev/dri", "renderD*").Any();
        Assert.Equal(!hasNodes, run.Has("render-nodes"));
        if (!File.Exists("/dev/udmabuf"))
        {
            run.Shows("udmabuf", "missing", "/dev/udmabuf does not exist");
        }

        run.Shows("headless", "works", "--display headless");
        run.Shows("context.2d", "works", "virgl=off");
        if (!hasNodes)
        {
            run.Shows("context.drm-amdgpu", "missing", "a render node of amdgpu");
        }
    }

    [Fact]
    public void Doctor_KvmThatInterprets_SaysSo()
    {
        Needs.Kvm();
        if (!Directory.Exists("/sys/module/kvm_pvm"))
        {
            Assert.Skip("this machine's KVM is not one that interprets kernel code");
        }

        DoctorRun run = DoctorRun.Of([]);

        run.Shows("kvm", "missing", "it interprets kernel code");
        Assert.Equal(1, run.Result.ExitStatus);
        Assert.Contains("see KVM", run.Root.GetProperty("result").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_InTheCages_ReportsWhatTheyAre()
    {
        Needs.Kvm();
        _ = Needs.Program("bwrap", "bubblewrap");
        DoctorRun run = DoctorRun.Of([]);

        foreach (string process in (string[])["vmm-core", "gpu-process", "display-process", "venus-server"])
        {
            int calls = SystemCallsOf(process);
            run.Shows("sandbox." + process, "works", $"namespaces, {calls} system calls, Landlock ");
        }
    }

    [Fact]
    public void Doctor_ForPeople_HasTheSameFindings()
    {
        Needs.Kvm();
        RunResult text = DoctorRun.Run([], [SourceTree.Executable("splitvmm"), "doctor"]);

        Assert.DoesNotContain('\e', text.StandardOutput);
        Assert.Matches("(?m)^  (works|missing) +KVM +", text.StandardOutput);
        Assert.Matches("(?m)^  missing  DRM native context, Qualcomm +a render node of msm", text.StandardOutput);
        Assert.Equal("", text.StandardError);
    }

    [Fact]
    public void Doctor_ProgramsNotThere_SaysWhere()
    {
        RunResult result = ChildProgram.Run(
            SourceTree.Executable("splitvmm"), ["doctor", "--json"], TimeSpan.FromMinutes(1),
            new Dictionary<string, string> { ["SPLITVMM_LIBEXEC"] = "/nowhere" });

        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("vmm-core is not in /nowhere", result.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_RuntimeThatIsNone_IsWrongUsage()
    {
        RunResult result = DoctorRun.Run([], [SourceTree.Executable("splitvmm"), "doctor", "--gpu-runtime", "/nowhere"]);

        Assert.Equal(2, result.ExitStatus);
        Assert.Contains("--gpu-runtime /nowhere", result.StandardError, StringComparison.Ordinal);
    }

    // What the policy of the process allows on this machine, counted from its text.
    private static int SystemCallsOf(string process)
    {
        string policy = CommentLine().Replace(File.ReadAllText(SourceTree.Path("packaging", "sandbox", process + ".policy")), "");
        return Allowed().Matches(policy)
            .Where(group => IsHere(group.Groups["with"], true) && IsHere(group.Groups["without"], false))
            .SelectMany(group => Quoted().Matches(group.Groups["calls"].Value).Select(call => call.Groups[1].Value.Split(':')[0]))
            .Distinct()
            .Count();
    }

    private static bool IsHere(Group device, bool wanted) => !device.Success || File.Exists(device.Value) == wanted;

    [GeneratedRegex(
        """\[\[allow\]\](?:(?!\[\[|\nwith).)*?(?:\nwith = "(?<with>[^"]+)")?(?:\nwithout = "(?<without>[^"]+)")?\ncalls = \[(?<calls>.*?)\]""",
        RegexOptions.Singleline)]
    private static partial Regex Allowed();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("#[^\n]*")]
    private static partial Regex CommentLine();
}
