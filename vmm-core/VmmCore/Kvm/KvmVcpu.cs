using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.VmmCore.Interop;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>
/// One vCPU of KVM: its registers, and the page it shares with the thread that runs it. Registers are read and set
/// only while no thread is in <see cref="Run"/>.
/// </summary>
public sealed unsafe class KvmVcpu : IDisposable
{
    private readonly Descriptor _vcpu;
    private readonly SharedMapping _run;

    internal KvmVcpu(KvmSystem system, int id, Descriptor vcpu)
    {
        System = system;
        Id = id;
        _vcpu = vcpu;
        _run = SharedMapping.Create(vcpu, 0, (nuint)system.RunMappingSize);
    }

    /// <summary>Index of the vCPU, which is also its APIC identity.</summary>
    public int Id { get; }

    internal KvmSystem System { get; }

    /// <summary>The shared page. Valid while this object lives; KVM writes it only during <see cref="Run"/>.</summary>
    internal KvmRun* Shared => (KvmRun*)_run.Pointer;

    /// <summary>Runs the guest until it needs something. 0, or the errno (EINTR: it was told to come out).</summary>
    internal int Run() =>
        Libc.ioctl(_vcpu.Number, KvmIoctl.KVM_RUN, 0) >= 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>The bytes of a KVM_EXIT_IO; KVM says where in the shared mapping they lie.</summary>
    internal Span<byte> IoData(in KvmRun.IoExit io) =>
        _run.Slice((nuint)io.DataOffset, checked((int)(io.Size * io.Count)));

    internal KvmRegs GetRegs() => Get<KvmRegs>(KvmIoctl.KVM_GET_REGS, "ioctl(KVM_GET_REGS)");

    internal void SetRegs(in KvmRegs regs) => Set(KvmIoctl.KVM_SET_REGS, regs, "ioctl(KVM_SET_REGS)");

    internal KvmSregs GetSregs() => Get<KvmSregs>(KvmIoctl.KVM_GET_SREGS, "ioctl(KVM_GET_SREGS)");

    internal void SetSregs(in KvmSregs sregs) => Set(KvmIoctl.KVM_SET_SREGS, sregs, "ioctl(KVM_SET_SREGS)");

    /// <summary>Frequency of the guest's time-stamp counter in kHz; 0 if KVM does not know.</summary>
    internal int GetTscKhz() => Math.Max(Libc.ioctl(_vcpu, KvmIoctl.KVM_GET_TSC_KHZ, 0), 0);

    internal void SetCpuid(ReadOnlySpan<KvmCpuidEntry2> entries)
    {
        var buffer = new byte[8 + (entries.Length * sizeof(KvmCpuidEntry2))];
        fixed (byte* start = buffer)
        {
            // Header and entries fill the buffer exactly.
            *(uint*)start = (uint)entries.Length;
            entries.CopyTo(new Span<KvmCpuidEntry2>(start + 8, entries.Length));
            Call(KvmIoctl.KVM_SET_CPUID2, start, "ioctl(KVM_SET_CPUID2)");
        }
    }

    /// <summary>
    /// Tells the guest's kvmclock that it stood still on purpose, so that its watchdogs do not bark. Fails where the
    /// guest does not use kvmclock, which is no fault.
    /// </summary>
    internal void NotifyPaused() => _ = Libc.ioctl(_vcpu, KvmIoctl.KVM_KVMCLOCK_CTRL, 0);

    public void Dispose()
    {
        _run.Dispose();
        _vcpu.Dispose();
    }

    /// <summary>Reads a structure whose size is part of <paramref name="request"/>.</summary>
    internal T Get<T>(uint request, string name)
        where T : unmanaged
    {
        T value = default;
        Call(request, &value, name);
        return value;
    }

    /// <summary>Sets a structure whose size is part of <paramref name="request"/>.</summary>
    internal void Set<T>(uint request, T value, string name)
        where T : unmanaged => Call(request, &value, name);

    /// <returns>The result; for KVM_GET_MSRS and KVM_SET_MSRS a count.</returns>
    internal int Call(uint request, void* argument, string name) =>
        KvmSystem.Checked(Libc.ioctl(_vcpu, request, argument), name);
}
