using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class DeathReportTests
{
    private static readonly ExitStatus Killed = new(0, 11);
    private static readonly ExitStatus Failed = new(1, 0);
    private static readonly ExitStatus Ended = new(0, 0);

    public static TheoryData<ExitStatus, ExitStatus, int> Pairs => new()
    {
        { Killed, Ended, 0 },
        { Ended, Killed, 1 },
        { Failed, Killed, 1 },
        { Failed, Ended, 0 },
        { Ended, Failed, 1 },
        { Ended, Ended, 0 },
        { Failed, Failed, 0 },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Culprit_OfTwo_IsWhoDiedOfItself(ExitStatus first, ExitStatus second, int culprit)
    {
        SupervisedProcess[] died = [Dead(ProcessRole.Gpu, first), Dead(ProcessRole.Display, second)];
        Assert.Same(died[culprit], DeathReport.FindCulprit(died));
    }

    [Fact]
    public void Culprit_VenusServerThatLostItsConnection_IsWhoseItWas()
    {
        SupervisedProcess[] died = [Dead(ProcessRole.Venus, new ExitStatus(VenusServer.ConnectionEnded, 0)), Dead(ProcessRole.Gpu, Failed)];
        Assert.Same(died[1], DeathReport.FindCulprit(died));
    }

    [Fact]
    public void ExitStatus_InWords()
    {
        Assert.Equal("was killed by signal 11 (SIGSEGV)", Killed.ToString());
        Assert.Equal("ended with status 1", Failed.ToString());
        Assert.Equal("was killed by signal 40 (signal 40)", new ExitStatus(0, 40).ToString());
    }

    private static SupervisedProcess Dead(ProcessRole role, ExitStatus exit)
    {
        var process = new SupervisedProcess(role);
        _ = process.Lifecycle.OnSpawned();
        _ = process.Lifecycle.OnExited(exit);
        return process;
    }
}
