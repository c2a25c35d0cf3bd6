using System.Globalization;
using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>What every machine needs: kernel and KVM, and what bounds them.</summary>
internal static class MachineChecks
{
    private const string KvmDevice = "/dev/kvm";

    public static IReadOnlyList<Finding> Run(Evidence evidence) =>
    [
        Kernel(evidence.Host),
        KvmPermission(evidence.Host),
        Kvm(evidence),
        GuestPat(evidence.Core),
        MemoryCheck.Run(evidence.Host),
        LimitCheck.OpenFiles(evidence.Host),
    ];

    private static Finding Kernel(IHost host)
    {
        const string Id = "kernel";
        string release = host.ReadText("/proc/sys/kernel/osrelease")?.Trim() ?? "";
        if (!KernelVersion.TryParse(release, out KernelVersion version))
        {
            return Finding.Unknown(Id, "kernel", $"its release reads '{release}'");
        }

        return Finding.Works(Id, "kernel", version >= GuestContexts.GpuMemoryBlobs
            ? $"Linux {release}"
            : $"Linux {release}; blobs of GPU memory, which OpenGL 4.6, Venus and native contexts use, need {GuestContexts.GpuMemoryBlobs}");
    }

    private static Finding KvmPermission(IHost host) => host.Access(KvmDevice) switch
    {
        FileAccessState.NotThere => Finding.Missing(
            "kvm-device", KvmDevice, "does not exist",
            "switch on virtualisation (VT-x or AMD-V) in the firmware, then 'sudo modprobe kvm_intel' or 'sudo modprobe kvm_amd'"),
        FileAccessState.Denied => Finding.Missing(
            "kvm-device", KvmDevice, $"this user may not open it ({Groups.Membership(host, "kvm")})", Groups.Join(host, "kvm")),
        _ => Finding.Works("kvm-device", KvmDevice, $"this user may open it ({Groups.Membership(host, "kvm")})"),
    };

    private static Finding Kvm(Evidence evidence)
    {
        const string Id = "kvm";
        ProbeAnswer answer = evidence.Core;
        string rate = Millions(answer[ProbeFact.KvmRate]);
        if (answer.Problem is { } problem)
        {
            return Advice.Missing(Id, "KVM", problem);
        }

        return rate.Length == 0
            ? Finding.Unknown(Id, "KVM", "vmm-core did not say")
            : Finding.Works(Id, "KVM", $"runs Linux: {rate} million instructions of kernel code a second, up to {answer[ProbeFact.KvmCpus]} CPUs");
    }

    private static Finding GuestPat(ProbeAnswer core)
    {
        const string Id = "guest-pat";
        const string Title = "caching";
        return Enum.TryParse(core[ProbeFact.GuestPat], out GuestPatSupport support) ? support switch
        {
            GuestPatSupport.Honoured => Finding.Works(Id, Title, "KVM leaves it to the guest how its memory is cached"),
            GuestPatSupport.OnRequest => Finding.Works(
                Id, Title, "left to the guest in machines with a host-visible window (KVM_X86_QUIRK_IGNORE_GUEST_PAT is switched off there)"),
            _ => Finding.Limited(
                Id, Title, "KVM makes all memory of a guest write-back, which is wrong for memory of another maker's GPU than Intel's",
                $"Linux {GuestContexts.GuestPat} or newer, on a processor with self-snoop ('ss' in /proc/cpuinfo)"),
        } : Finding.Unknown(Id, Title, "vmm-core did not say");
    }

    private static string Millions(string? number) =>
        double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? (value / 1e6).ToString(value < 10e6 ? "0.0" : "0", CultureInfo.InvariantCulture)
            : "";
}
