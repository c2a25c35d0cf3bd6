using SplitVmm.Diagnosis;
using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Kvm;

namespace SplitVmm.VmmCore.Probe;

/// <summary><c>vmm-core --probe</c>: measures this host's KVM, for <c>splitvmm doctor</c>.</summary>
internal static class ProbeCommand
{
    public static ProbeReport Run()
    {
        var report = new ProbeReport();
        try
        {
            using KvmSystem system = KvmSystem.Open();
            report.Add(ProbeFact.KvmCpus, system.MaximumVcpus);
            report.Add(ProbeFact.GuestPat, GuestPat.Of(system).ToString());
            ProbeResult result = HostProbe.Measure(system);
            report.Add(ProbeFact.KvmRate, (long)result.InstructionsPerSecond);
            if (result.Problem is { } problem)
            {
                report.Add(ProbeFact.Problem, problem);
            }
        }
        catch (Exception error) when (error is HostUnfitException or ErrnoException)
        {
            report.Add(ProbeFact.Problem, error.Message);
        }

        return report;
    }
}
