using SplitVmm.DesktopService.Doctor;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

[Trait("Tier", Tiers.Unit)]
public sealed class MachineCheckTests
{
    private readonly Patient _patient = new();

    [Fact]
    public void Kernel_New_Works() => _patient.Shows("kernel", "works", "Linux 6.14.2-amd64");

    [Fact]
    public void Kernel_OlderThanBlobsOfGpuMemory_SaysSo()
    {
        _patient.Host.Files["/proc/sys/kernel/osrelease"] = "6.1.0-40-amd64\n";
        _patient.Shows("kernel", "works", "need 6.13");
    }

    [Fact]
    public void Kernel_Unreadable_IsUnknown()
    {
        _patient.Host.Files.Remove("/proc/sys/kernel/osrelease");
        _patient.Shows("kernel", "unknown", "''");
    }

    [Fact]
    public void KvmDevice_MemberOfItsGroup_Works() => _patient.Shows("kvm-device", "works", "in group kvm");

    [Fact]
    public void KvmDevice_Denied_NamesTheGroupCommand()
    {
        _patient.Host.Devices["/dev/kvm"] = FileAccessState.Denied;
        _patient.Host.Files["/proc/self/status"] = "Uid:\t1000\t1000\nGid:\t1000\t1000\nGroups:\t1000\n";
        _patient.Shows("kvm-device", "missing", "not in group kvm", "sudo usermod -aG kvm $USER");
    }

    [Fact]
    public void KvmDevice_NotThere_NamesFirmwareAndModule()
    {
        _patient.Host.Devices.Remove("/dev/kvm");
        _patient.Shows("kvm-device", "missing", "does not exist", "modprobe kvm_amd");
    }

    [Fact]
    public void Kvm_Measured_SaysHowFast() => _patient.Shows("kvm", "works", "2400 million instructions of kernel code a second, up to 255 CPUs");

    [Fact]
    public void Kvm_Interpreted_IsMissing()
    {
        _patient.Probes.Core = FakeProbes.Says(
            "kvm.instructions-per-second=1700000\nproblem=this host's KVM cannot run Linux: it interprets kernel code, at 1.7 million instructions " +
            "a second where 50 are the least; use a host whose KVM has VT-x or AMD-V behind it (./run-demo uses the lab instead)\n");
        _patient.Shows("kvm", "missing", "interprets kernel code, at 1.7 million", "use a host whose KVM has VT-x");
        Assert.False(_patient.Examine().CanRun);
    }

    [Fact]
    public void Kvm_ProbeDied_IsMissingWithTheReason()
    {
        _patient.Probes.Core = FakeProbes.Fails("vmm-core was killed by signal 31 (SIGSYS) while it looked at the host");
        _patient.Shows("kvm", "missing", "SIGSYS");
    }

    [Fact]
    public void Kvm_ProbeSaidNothing_IsUnknown()
    {
        _patient.Probes.Core = FakeProbes.Says("");
        _patient.Shows("kvm", "unknown", "did not say");
    }

    [Theory]
    [InlineData("Honoured", "works", "leaves it to the guest", "")]
    [InlineData("OnRequest", "works", "KVM_X86_QUIRK_IGNORE_GUEST_PAT is switched off", "")]
    [InlineData("Ignored", "limited", "makes all memory of a guest write-back", "Linux 6.16 or newer")]
    [InlineData("Perhaps", "unknown", "did not say", "")]
    public void GuestPat_AsKvmHasIt_IsSaid(string answer, string state, string text, string remedy)
    {
        _patient.Probes.Core = FakeProbes.Says($"kvm.guest-pat={answer}\n");
        _patient.Shows("guest-pat", state, text, remedy);
    }

    [Fact]
    public void Memory_Enough_Works() => _patient.Shows("memory", "works", "15.6 GiB, 11.7 GiB of it available, no limit by control groups");

    [Fact]
    public void Memory_LimitedByAGroupAbove_IsLimited()
    {
        _patient.Host.Files["/sys/fs/cgroup/user.slice/app.scope/memory.max"] = "max\n";
        _patient.Host.Files["/sys/fs/cgroup/user.slice/memory.max"] = "536870912\n";
        _patient.Shows("memory", "limited", "limited to 0.5 GiB", "--memory");
    }

    [Fact]
    public void OpenFiles_FewerThanGpuProcessNeeds_IsLimited()
    {
        _patient.Host.Files["/proc/self/limits"] = "Max open files            1024                 4096                 files\n";
        _patient.Shows("open-files", "limited", "up to 4096", "8192");
    }

    [Theory]
    [InlineData("524288")]
    [InlineData("unlimited")]
    public void OpenFiles_Enough_Works(string hard)
    {
        _patient.Host.Files["/proc/self/limits"] = $"Max open files            1024                 {hard}                 files\n";
        _patient.Shows("open-files", "works", hard);
    }
}
