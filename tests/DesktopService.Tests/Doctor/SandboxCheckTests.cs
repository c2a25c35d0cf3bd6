using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

[Trait("Tier", Tiers.Unit)]
public sealed class SandboxCheckTests
{
    private readonly Patient _patient = new();

    [Theory]
    [InlineData("bubblewrap", "/usr/bin/bwrap")]
    [InlineData("user-namespaces", "may make them")]
    [InlineData("libseccomp", "2.6.0")]
    [InlineData("landlock", "version 6")]
    [InlineData("sandbox.vmm-core", "namespaces, 86 system calls, Landlock 6")]
    [InlineData("sandbox.gpu-process", "namespaces, 86 system calls, Landlock 6")]
    [InlineData("sandbox.display-process", "namespaces, 86 system calls, Landlock 6")]
    [InlineData("sandbox.venus-server", "namespaces, 104 system calls, Landlock 6")]
    public void Sandbox_WithAllThatItNeeds_Works(string id, string text) => _patient.Shows(id, "works", text);

    [Fact]
    public void Bubblewrap_NotInstalled_NamesThePackage()
    {
        _patient.Host.Programs.Clear();
        _patient.Shows("bubblewrap", "missing", "bwrap is not on PATH", "install the package bubblewrap");
    }

    [Fact]
    public void UserNamespaces_Refused_NamesTheSetting_AndEveryProcessLacksThem()
    {
        _patient.Host.NamespaceFault =
            "bubblewrap does not work here (bwrap: No permissions to create a new namespace): the processes are not in namespaces of their own, "
            + "and only Landlock and the filter of system calls hold them; user namespaces are switched off: set kernel.unprivileged_userns_clone=1";
        _patient.Shows("user-namespaces", "missing", "bwrap: No permissions to create a new namespace", "set kernel.unprivileged_userns_clone=1");
        _patient.Shows("sandbox.gpu-process", "limited", "86 system calls, Landlock 6, no namespaces of its own");
        Assert.True(_patient.Examine().CanRun);
    }

    [Fact]
    public void Libseccomp_NotInstalled_NamesThePackage()
    {
        _patient.Host.LibseccompVersion = null;
        _patient.Shows("libseccomp", "missing", "any system call", "libseccomp2");
    }

    [Fact]
    public void Landlock_SwitchedOff_NamesTheBootOption()
    {
        _patient.Host.LandlockAbi = 0;
        _patient.Probes.Core = FakeProbes.Says("sandbox.system-calls=86\nsandbox.landlock=0\nsandbox.missing=Landlock (Linux 5.13, lsm=landlock): why\n");
        _patient.Shows("landlock", "missing", "switched off", "lsm=");
        _patient.Shows("sandbox.vmm-core", "limited", "no Landlock");
    }

    [Fact]
    public void Process_WithoutAFilter_IsLimited()
    {
        _patient.Probes.Display = FakeProbes.Says("sandbox.system-calls=0\nsandbox.landlock=6\nsandbox.missing=libseccomp (package libseccomp2): why\n");
        _patient.Shows("sandbox.display-process", "limited", "every system call");
    }

    [Fact]
    public void VenusServer_OnAHostThatLacksLayers_IsLimitedByEach()
    {
        _patient.Host.NamespaceFault = "bubblewrap does not work here; set kernel.unprivileged_userns_clone=1";
        _patient.Probes.Venus = FakeProbes.Says("sandbox.system-calls=0\nsandbox.landlock=0\n");
        _patient.Shows("sandbox.venus-server", "limited", "no namespaces of its own, every system call, no Landlock");
    }

    [Fact]
    public void VenusServer_WithoutItsPolicy_IsUnknown()
    {
        _patient.Probes.Venus = FakeProbes.Fails("sandbox/venus-server.policy: No such file or directory");
        _patient.Shows("sandbox.venus-server", "unknown", "venus-server.policy");
    }

    [Fact]
    public void Process_ThatDied_IsUnknown()
    {
        _patient.Probes.Library = FakeProbes.Fails("gpu-process ended with status 1 while it looked at the host");
        _patient.Shows("sandbox.gpu-process", "unknown", "ended with status 1");
    }
}
