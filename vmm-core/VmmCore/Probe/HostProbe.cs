using System.Diagnostics;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.VmmCore.Interop;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Probe;

/// <summary>
/// Finds out whether this KVM runs operating systems, by running a small guest that does what kernels do. Some
/// machines lend a KVM that runs user code natively and interprets kernel code, slowly and not all of it.
/// </summary>
internal static unsafe class HostProbe
{
    private const int LeafFeatures = 1;

    // Rounds of the loop go on until one was fast enough: another thread may have had the processor's caches or, on
    // an emulated processor, the processor itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    // A guest that hangs altogether ends here.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    /// <exception cref="HostUnfitException">It does not; the message is one sentence for the user.</exception>
    public static void Require(KvmSystem system)
    {
        if (Measure(system).Problem is { } problem)
        {
            throw new HostUnfitException(problem);
        }
    }

    public static ProbeResult Measure(KvmSystem system)
    {
        using MemFd file = MemFd.Create("splitvmm-probe", ProbeProgram.RamSize, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        using SharedMapping ram = SharedMapping.Create(file, 0, ProbeProgram.RamSize);
        using KvmVm vm = system.CreateVm();
        ProbeProgram.Load(ram.Slice(0, ProbeProgram.RamSize));
        // The mapping is disposed after the machine.
        vm.AddMemory(0, ProbeProgram.RamSize, ram.Pointer);
        using KvmVcpu vcpu = vm.CreateVcpu(0);
        KvmCpuidEntry2[] cpuid = system.GetSupportedCpuid();
        vcpu.SetCpuid(cpuid);
        uint features = Array.Find(cpuid, static entry => entry.Function == LeafFeatures).Ecx;
        vcpu.SetSregs(ProbeProgram.SystemRegisters(vcpu.GetSregs()));
        vcpu.SetRegs(ProbeProgram.Registers(features));
        return Run(vcpu, features);
    }

    private static ProbeResult Run(KvmVcpu vcpu, uint features)
    {
        KickSignal.EnsureInstalled();
        int thread = Libc.gettid();
        bool expired = false;
        using var deadline = new Timer(
            _ =>
            {
                expired = true;
                // The shared page lives longer than the timer, whose disposal waits for this callback.
                Volatile.Write(ref vcpu.Shared->ImmediateExit, 1);
                KickSignal.Send(thread);
            },
            null,
            s_deadline,
            Timeout.InfiniteTimeSpan);
        try
        {
            return Serve(vcpu, features, ref expired);
        }
        finally
        {
            using var stopped = new ManualResetEvent(false);
            if (deadline.Dispose(stopped))
            {
                stopped.WaitOne();
            }
        }
    }

    private static ProbeResult Serve(KvmVcpu vcpu, uint features, ref bool expired)
    {
        var clock = Stopwatch.StartNew();
        ProbeStep? done = null;
        double best = 0;
        double roundStart = ThreadSeconds();
        while (true)
        {
            int errno = vcpu.Run();
            if (errno is Errno.EINTR or Errno.EAGAIN && !Volatile.Read(ref expired))
            {
                continue;
            }

            KvmRun* run = vcpu.Shared;
            bool isPort = errno == 0 && run->ExitReason == KvmExitReason.KVM_EXIT_IO && run->Io.Port == ProbeProgram.Port;
            if (!isPort)
            {
                return new ProbeResult(best, ProbeProgram.Next(done, features));
            }

            Span<byte> data = vcpu.IoData(run->Io);
            if (run->Io.Direction == KvmRun.IoExit.KVM_EXIT_IO_IN)
            {
                bool again = best < ProbeResult.RequiredInstructionsPerSecond;
                if (again && clock.Elapsed > s_patience)
                {
                    return new ProbeResult(best, null);
                }

                data.Fill(again ? (byte)1 : (byte)0);
                roundStart = ThreadSeconds();
                continue;
            }

            switch ((ProbeStep)data[0])
            {
                case ProbeStep.End:
                    return new ProbeResult(best, null);
                case ProbeStep.WrongResult:
                    return new ProbeResult(best, ProbeProgram.Next(done, features));
                case ProbeStep.Loop:
                    best = Math.Max(best, ProbeProgram.InstructionsPerRound / Math.Max(ThreadSeconds() - roundStart, 1e-9));
                    done = ProbeStep.Loop;
                    break;
                case ProbeStep step:
                    done = step;
                    break;
            }
        }
    }

    // CPU time, not wall-clock time: a busy host is no reason to refuse.
    private static double ThreadSeconds()
    {
        Libc.TimeValue now;
        if (Libc.clock_gettime(Libc.CLOCK_THREAD_CPUTIME_ID, &now) < 0)
        {
            throw ErrnoException.FromLastError("clock_gettime");
        }

        return now.Seconds + (now.Nanoseconds * 1e-9);
    }
}
