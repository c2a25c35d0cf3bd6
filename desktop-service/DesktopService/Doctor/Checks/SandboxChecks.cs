using SplitVmm.DesktopService.Supervision;
using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Doctor.Checks;

/// <summary>What the cages are made of, and what they are around each process on this host.</summary>
internal static class SandboxChecks
{
    public static IReadOnlyList<Finding> Run(Evidence evidence)
    {
        Finding namespaces = Namespaces(evidence.Host);
        return
        [
            Bubblewrap(evidence.Host),
            namespaces,
            Libseccomp(evidence.Host),
            Landlock(evidence.Host),
            Process(ProcessRole.Core, evidence.Core, namespaces),
            Process(ProcessRole.Gpu, evidence.Library, namespaces),
            Process(ProcessRole.Display, evidence.Display, namespaces),
            Process(ProcessRole.Venus, evidence.Venus, namespaces),
        ];
    }

    private static Finding Bubblewrap(IHost host) => host.FindProgram("bwrap") is { } path
        ? Finding.Works("bubblewrap", "bubblewrap", path)
        : Finding.Missing("bubblewrap", "bubblewrap", "bwrap is not on PATH", "install the package bubblewrap");

    private static Finding Namespaces(IHost host) => host.WhyNoNamespaces() is { } reason
        ? Advice.Missing("user-namespaces", "user namespaces", reason)
        : Finding.Works("user-namespaces", "user namespaces", "this user may make them");

    private static Finding Libseccomp(IHost host) => host.LibseccompVersion is { } version
        ? Finding.Works("libseccomp", "libseccomp", version)
        : Finding.Missing("libseccomp", "libseccomp", "not installed: the processes may make any system call", "install the package libseccomp2");

    private static Finding Landlock(IHost host) => host.LandlockAbi is > 0 and int version
        ? Finding.Works("landlock", "Landlock", $"version {version}")
        : Finding.Missing(
            "landlock", "Landlock", "the kernel has none, or it is switched off: files are kept apart by the mount namespace alone",
            "use Linux 5.13 or newer with landlock among the names in the boot option lsm=");

    private static Finding Process(ProcessRole role, ProbeAnswer answer, Finding namespaces)
    {
        string id = "sandbox." + role.Name();
        if (answer.Report is not { } report || report[ProbeFact.SystemCalls] is not { } calls)
        {
            return Finding.Unknown(id, role.Name(), answer.Failure ?? "it did not report what it has given up");
        }

        var layers = new List<string>();
        var lacking = new List<string>();
        Count(namespaces.State == FindingState.Works, "namespaces", "no namespaces of its own");
        Count(calls != "0", $"{calls} system calls", "every system call");
        Count(report[ProbeFact.Landlock] != "0", $"Landlock {report[ProbeFact.Landlock]}", "no Landlock");
        if (report.Flag(ProbeFact.NoNewCode) == true)
        {
            layers.Add("no new code");
        }

        lacking.AddRange(report.All(ProbeFact.SandboxMissing));
        return lacking.Count == 0
            ? Finding.Works(id, role.Name(), string.Join(", ", layers))
            : Finding.Limited(id, role.Name(), string.Join(", ", layers.Concat(lacking)));

        void Count(bool there, string layer, string instead) => (there ? layers : lacking).Add(there ? layer : instead);
    }
}
