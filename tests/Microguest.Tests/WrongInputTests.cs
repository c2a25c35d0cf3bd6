using System.Net.Sockets;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// What the real programs say where they cannot do what they were told: one line that names the remedy, a status other
/// than 0, and no process left.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class WrongInputTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly string s_kernel = SourceTree.Path("out", "microguest", "microguest.elf");

    [Theory]
    [InlineData("--kernel /nonexistent", 1, "splitvmm: vmm-core: /nonexistent does not exist: name an existing file")]
    [InlineData("--kernel {tree}/README.md", 1, "splitvmm: vmm-core: {tree}/README.md is not a ")]
    [InlineData("--kernel {guest} --initrd /nonexistent", 1, "splitvmm: vmm-core: /nonexistent does not exist: name an existing file")]
    [InlineData("--kernel {guest} --memory 0", 2, "splitvmm: memory size '0' is too small: give at least 16M")]
    [InlineData("--kernel {guest} --cpus 0", 2, "splitvmm: number of CPUs '0' is not between 1 and 255")]
    [InlineData("--kernel {guest} --memry 5", 2, "splitvmm: unknown option '--memry'; did you mean --memory?")]
    [InlineData("--kernel {guest} --gpu virgl=maybe", 2, "splitvmm: gpu-process: --gpu virgl=maybe: virgl is on or off")]
    [InlineData("--kernel {guest} --gpu vrigl=on", 2, "did you mean virgl?")]
    [InlineData("--kernel {guest} --vhost-user type=blk,path=/nonexistent", 1, "/nonexistent")]
    [InlineData("", 2, "splitvmm: no kernel given; name one with --kernel FILE")]
    public void Run_WrongInput_IsOneLineWithTheRemedy(string arguments, int status, string line)
    {
        Needs.Kvm();
        string Fill(string text) => text
            .Replace("{tree}", SourceTree.Path(), StringComparison.Ordinal)
            .Replace("{guest}", s_kernel, StringComparison.Ordinal);
        string[] words = Fill(arguments).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] gpu = arguments.Contains("--gpu", StringComparison.Ordinal) ? [] : ["--gpu", "virgl=off"];

        RunResult run = ChildProgram.Run(SourceTree.Executable("splitvmm"), ["run", .. words, .. gpu, "--display", "none"], s_limit);

        Assert.Equal(status, run.ExitStatus);
        string said = Assert.Single(
            run.StandardError.Split('\n'), text => text.Contains(Fill(line), StringComparison.Ordinal));
        Assert.StartsWith("splitvmm: ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithoutPermissionForKvm_NamesTheGroup()
    {
        Needs.Kvm();
        string setpriv = Needs.Program("setpriv", "util-linux");
        Assert.SkipUnless(Environment.UserName == "root", "only root can give up its rights");
        Assert.SkipWhen(File.GetUnixFileMode("/dev/kvm").HasFlag(UnixFileMode.OtherWrite), "here everyone may use /dev/kvm");

        RunResult run = ChildProgram.Run(
            setpriv,
            [
                "--reuid", "65534", "--regid", "65534", "--clear-groups", SourceTree.Executable("splitvmm"),
                "run", "--kernel", s_kernel, "--gpu", "virgl=off", "--display", "none",
            ],
            s_limit);

        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("no permission to open /dev/kvm: add yourself to group kvm", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Gpu_SocketThatIsInUse_IsNotTakenAway()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("splitvmm-busy-").FullName, "gpu");
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(path));
        other.Listen();

        RunResult run = ChildProgram.Run(
            SourceTree.Executable("gpu-process"), ["--vhost-user-listen", path, "--gpu", "virgl=off"], s_limit);

        Assert.Equal(1, run.ExitStatus);
        Assert.EndsWith(
            $"--vhost-user-listen {path}: taken by another program; end that, or name another path\n", run.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", run.StandardError, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }
}
