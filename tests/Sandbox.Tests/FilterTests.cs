using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Sandbox.Tests;

/// <summary>The compiled filter against the file it was compiled from, system call by system call.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class FilterTests
{
    /// <summary>Above the newest number of x86-64, with room for the next ones.</summary>
    private const int Numbers = 512;

    [Theory]
    [InlineData("Core")]
    [InlineData("Gpu")]
    [InlineData("Display")]
    [InlineData("Venus")]
    public void Filter_AllowsWhatTheFileLists_AndNothingElse(string role)
    {
        Policy policy = Load(role);
        byte[] filter = FilterCompiler.CompileServe(policy);
        ILookup<int, CallRule> allowed = Rules(policy, CallGroupKind.Allow);
        for (int call = 0; call < Numbers; call++)
        {
            if (!allowed.Contains(call))
            {
                Assert.True(
                    FilterMachine.Run(filter, call) != FilterMachine.SECCOMP_RET_ALLOW, $"call {call} is allowed, and stands in no group");
            }

            foreach (CallRule rule in allowed[call])
            {
                Assert.Equal(FilterMachine.SECCOMP_RET_ALLOW, FilterMachine.Run(filter, call, ArgumentsFor(rule)));
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"METRIC sandbox {policy.Program}: {policy.AllowedCalls.Count()} system calls, {filter.Length / 8} instructions");
    }

    [Theory]
    [InlineData("Core")]
    [InlineData("Gpu")]
    [InlineData("Display")]
    [InlineData("Venus")]
    public void Filter_RefusesAndKills_AsTheFileSays(string role)
    {
        Policy policy = Load(role);
        byte[] filter = FilterCompiler.CompileServe(policy);
        Assert.Contains(policy.Groups, group => group.Kind == CallGroupKind.Kill);
        foreach (CallGroup group in policy.Groups.Where(group => group.Kind != CallGroupKind.Allow))
        {
            uint expected = group.Kind == CallGroupKind.Kill
                ? FilterMachine.SECCOMP_RET_KILL_PROCESS
                : FilterMachine.SECCOMP_RET_ERRNO | (uint)group.Errno;
            foreach (CallRule rule in group.Calls.Where(rule => Number(rule) >= 0))
            {
                Assert.Equal(expected, FilterMachine.Run(filter, Number(rule), ArgumentsFor(rule)));
            }
        }
    }

    [Theory]
    // mmap and mprotect of vmm-core with PROT_EXEC; clone with CLONE_NEWUSER, and without CLONE_THREAD; TIOCSTI; F_SETOWN.
    [InlineData("Core", 9, new ulong[] { 0, 4096, 5 })]
    [InlineData("Core", 10, new ulong[] { 0, 4096, 5 })]
    [InlineData("Core", 56, new ulong[] { 0x10010000 })]
    [InlineData("Gpu", 56, new ulong[] { 17 })]
    [InlineData("Gpu", 16, new ulong[] { 0, 0x5412 })]
    [InlineData("Display", 72, new ulong[] { 0, 8, 1 })]
    [InlineData("Venus", 56, new ulong[] { 17 })]
    [InlineData("Venus", 62, new ulong[] { 1, 15 })]
    [InlineData("Venus", 257, new ulong[] { 0, 0, 0x42 })]
    [InlineData("Venus", 257, new ulong[] { 0, 0, 1 })]
    public void Filter_ArgumentsOutsideTheRule_AreRefused(string role, int call, ulong[] arguments) =>
        Assert.Equal(FilterMachine.SECCOMP_RET_ERRNO | 1, FilterMachine.Run(FilterCompiler.CompileServe(Load(role)), call, arguments));

    [Theory]
    [InlineData("Core")]
    [InlineData("Gpu")]
    [InlineData("Display")]
    [InlineData("Venus")]
    public void StartFilter_AllowsAllButWhatIsRefusedFromTheStart(string role)
    {
        Policy policy = Load(role);
        byte[] filter = FilterCompiler.CompileStart(policy);
        int[] refused = [.. policy.Groups.Where(group => group.FromStart).SelectMany(group => group.Calls).Select(Number)];
        for (int call = 0; call < Numbers; call++)
        {
            Assert.Equal(!refused.Contains(call), FilterMachine.Run(filter, call) == FilterMachine.SECCOMP_RET_ALLOW);
        }
    }

    private static Policy Load(string role)
    {
        Assert.SkipUnless(FilterCompiler.IsAvailable, "libseccomp2 is not installed");
        return ShippedPolicies.Of(Enum.Parse<ProcessRole>(role));
    }

    private static ILookup<int, CallRule> Rules(Policy policy, CallGroupKind kind) =>
        policy.Groups.Where(group => group.Kind == kind).SelectMany(group => group.Calls).ToLookup(Number);

    private static ulong[] ArgumentsFor(CallRule rule)
    {
        var arguments = new ulong[6];
        foreach (ArgumentTest test in rule.Tests)
        {
            arguments[test.Index] |= test.Value;
        }

        return arguments;
    }

    private static int Number(CallRule rule) => seccomp_syscall_resolve_name(rule.Name);

    [LibraryImport("libseccomp.so.2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int seccomp_syscall_resolve_name(string name);
}
