using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Sandbox.Tests;

[Trait("Tier", Tiers.Unit)]
public sealed class PolicyFileTests
{
    private const string Head = "program = \"x\"\nexecutable-memory = \"refuse\"\n";

    [Theory]
    [InlineData("vmm-core", true)]
    [InlineData("gpu-process", false)]
    [InlineData("display-process", true)]
    [InlineData("venus-server", false)]
    public void Load_ShippedPolicy_IsForItsProgram(string program, bool refusesCode)
    {
        ProcessRole role = Enum.GetValues<ProcessRole>().Single(candidate => candidate.Name() == program);
        Policy policy = ShippedPolicies.Of(role);
        Assert.Equal(program, policy.Program);
        Assert.Equal(refusesCode, policy.RefuseExecutableMemory);
        Assert.All(policy.Groups, group => Assert.True(group.Why.Length > 20, $"line {group.Line} gives no reason"));
        Assert.DoesNotContain(policy.PassedVariables, name => name.StartsWith("LD_", StringComparison.Ordinal));
        Assert.Contains(policy.Limits, limit => limit == new ResourceLimit(ResourceLimit.RLIMIT_CORE, 0));
    }

    [Theory]
    [InlineData("vmm-core", "socket", "connect", "open", "openat", "execve", "fork", "unlink")]
    [InlineData("gpu-process", "socket", "connect", "open", "openat", "execve", "fork", "unlink")]
    [InlineData("display-process", "socket", "connect", "execve", "fork", "chmod", "link")]
    [InlineData("venus-server", "socket", "connect", "bind", "open", "execveat", "fork", "unlink", "chmod", "ptrace")]
    public void ShippedPolicy_NeverAllows(string program, params string[] calls)
    {
        ProcessRole role = Enum.GetValues<ProcessRole>().Single(candidate => candidate.Name() == program);
        Assert.Empty(ShippedPolicies.Of(role).AllowedCalls.Intersect(calls));
    }

    [Fact]
    public void GpuPolicy_WhereNvidiaIs_OpensWithoutMakingAndNothingElse()
    {
        Policy plain = ShippedPolicies.Of(ProcessRole.Gpu);
        Policy nvidia = ShippedPolicies.Of(ProcessRole.Gpu, "/dev/nvidiactl");
        Assert.Equal(["openat"], nvidia.AllowedCalls.Except(plain.AllowedCalls));
        Assert.Empty(plain.AllowedCalls.Except(nvidia.AllowedCalls));
        CallRule openat = Assert.Single(nvidia.Groups.SelectMany(group => group.Calls), call => call.Name == "openat");
        Assert.Equal([new ArgumentTest(2, 0x40, 0)], openat.Tests);
        Assert.NotEmpty(FilterCompiler.CompileServe(nvidia));
    }

    [Fact]
    public void Parse_Everything_IsTaken()
    {
        Policy policy = PolicyFile.Parse(
            Head + """
            [files]
            read-only = ["/usr"]
            devices = ["/dev/kvm"]
            [environment]
            pass = ["LANG"]
            [environment.set]
            HOME = "/"
            [limits]
            open-files = 64
            [[allow]]
            why = "because"
            calls = ["read", "ioctl: arg1 & 0xff00 == 0xae00, arg0 == 3"]
            [[refuse]]
            why = "because"
            errno = "ENOSYS"
            from = "start"
            calls = ["clone3"]
            [[kill]]
            why = "because"
            calls = ["execve"]
            """,
            "x.policy");
        Assert.Equal(["/usr"], policy.ReadOnly);
        Assert.Equal(["/dev/kvm"], policy.Devices);
        Assert.Equal(["LANG"], policy.PassedVariables);
        Assert.Equal([KeyValuePair.Create("HOME", "/")], policy.SetVariables);
        Assert.Equal([new ResourceLimit(ResourceLimit.RLIMIT_NOFILE, 64)], policy.Limits);
        Assert.Equal(["read", "ioctl"], policy.AllowedCalls);
        Assert.Equal([new ArgumentTest(1, 0xff00, 0xae00), new ArgumentTest(0, ulong.MaxValue, 3)], policy.Groups[0].Calls[1].Tests);
        Assert.Equal((CallGroupKind.Refuse, 38, true), (policy.Groups[1].Kind, policy.Groups[1].Errno, policy.Groups[1].FromStart));
        Assert.Equal((CallGroupKind.Kill, false), (policy.Groups[2].Kind, policy.Groups[2].FromStart));
    }

    [Theory]
    [InlineData("[limits]\nopen-file = 3", 4, "unknown key 'open-file'; did you mean open-files?")]
    [InlineData("[limit]\nopen-files = 3", 3, "unknown table 'limit'; did you mean limits?")]
    [InlineData("[limits]\nopen-files = \"3\"", 4, "'open-files' must be a whole number, 0 or more")]
    [InlineData("[files]\nread-only = [\n  \"/usr\",\n  \"etc\",\n]", 6, "'etc' is not an absolute path")]
    [InlineData("[files]\nread-only = [\"/usr/../root\"]", 4, "'/usr/../root' is not an absolute path")]
    [InlineData("[[allow]]\ncalls = [\"read\"]", 3, "'allow' needs a key 'why'")]
    [InlineData("[[allow]]\nwhy = \"x\"\ncalls = []", 3, "[[allow]] needs its calls, and a sentence that says why")]
    [InlineData("[[allow]]\nwhy = \"x\"\ncalls = [\"read\",\n\"ioctl: arg1 = 3\"]", 6, "'arg1 = 3' is not a test of an argument: write argN == VALUE or argN & MASK == VALUE")]
    [InlineData("[[allow]]\nwhy = \"x\"\ncalls = [\"ioctl: arg6 == 3\"]", 5, "'arg6 == 3' is not a test of an argument: write argN == VALUE or argN & MASK == VALUE")]
    [InlineData("[[allow]]\nwhy = \"x\"\ncalls = [\"ioctl: arg1 & 0x1 == 0x2\"]", 5, "'arg1 & 0x1 == 0x2' is not a test of an argument: write argN == VALUE or argN & MASK == VALUE")]
    [InlineData("[[allow]]\nwhy = \"x\"\nfrom = \"start\"\ncalls = [\"read\"]", 5, "'from' is \"start\", and only for calls that are refused or killed for")]
    [InlineData("[[refuse]]\nwhy = \"x\"\ncalls = [\"read\"]", 3, "a [[refuse]], and only that, needs an 'errno', one of EPERM, ENOENT, EACCES, EINVAL, ENOSYS")]
    [InlineData("[files]\ndevices = [\"/dev/kvm\"]\n[[allow]]\nwhy = \"x\"\nwith = \"/dev/kvn\"\ncalls = [\"read\"]", 7, "'/dev/kvn' is none of the 'devices' of [files], which stand before the groups")]
    [InlineData("[files]\nread-only = 3", 4, "'read-only' must be a list of texts in brackets")]
    public void Parse_Mistake_NamesTheLine(string text, int line, string problem) =>
        Assert.Equal($"x.policy:{line}: {problem}", Assert.Throws<PolicyException>(() => PolicyFile.Parse(Head + text, "x.policy")).Message);

    [Theory]
    [InlineData("program = ")]
    [InlineData("program = \"x\"\nprogram = \"y\"\n")]
    [InlineData("program = \"x\"\n")]
    [InlineData(Head + "[limits]\ncore-bytes = 0\n[limits]\n")]
    public void Parse_Broken_IsRefused(string text) => Assert.Throws<PolicyException>(() => PolicyFile.Parse(text, "x.policy"));

    [Fact]
    public void Load_Missing_NamesTheRemedy() =>
        Assert.Contains("--sandbox=off", Assert.Throws<PolicyException>(() => PolicyFile.Load("/nowhere/x.policy")).Message, StringComparison.Ordinal);
}
