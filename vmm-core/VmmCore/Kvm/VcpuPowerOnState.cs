using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>
/// Everything KVM keeps about a vCPU as it was right after creation, to be put back at a reboot. The order of
/// putting back matters: the mode of the local APIC (in the special registers) before its page, CPUID before both.
/// </summary>
internal sealed unsafe class VcpuPowerOnState
{
    private readonly KvmRegs _regs;
    private readonly KvmMsrEntry[] _msrs;
    private readonly byte[] _xsave;
    private readonly KvmXcrs _xcrs;
    private readonly KvmVcpuEvents _events;
    private readonly KvmDebugregs _debugregs;
    private readonly KvmLapicState _lapic;
    private readonly KvmMpState _mpState;

    /// <summary>Reads the state of a vCPU that has its CPUID and has not run.</summary>
    public VcpuPowerOnState(KvmVcpu vcpu)
    {
        _regs = vcpu.GetRegs();
        Sregs = vcpu.GetSregs();
        // The time-stamp counter has a way of its own: see Restore.
        uint[] indices = Array.FindAll(vcpu.System.GetMsrIndices(), static index => index != MsrList.IA32_TSC);
        _msrs = MsrList.Read(vcpu, indices);
        int size = vcpu.System.Check(KvmCapability.KVM_CAP_XSAVE2);
        _xsave = new byte[Math.Max(size, 4096)];
        fixed (byte* xsave = _xsave)
        {
            // The buffer has the size that KVM asked for, or that of struct kvm_xsave.
            vcpu.Call(size > 0 ? KvmIoctl.KVM_GET_XSAVE2 : KvmIoctl.KVM_GET_XSAVE, xsave, "ioctl(KVM_GET_XSAVE)");
        }

        _xcrs = vcpu.Get<KvmXcrs>(KvmIoctl.KVM_GET_XCRS, "ioctl(KVM_GET_XCRS)");
        _events = vcpu.Get<KvmVcpuEvents>(KvmIoctl.KVM_GET_VCPU_EVENTS, "ioctl(KVM_GET_VCPU_EVENTS)");
        _debugregs = vcpu.Get<KvmDebugregs>(KvmIoctl.KVM_GET_DEBUGREGS, "ioctl(KVM_GET_DEBUGREGS)");
        _lapic = vcpu.Get<KvmLapicState>(KvmIoctl.KVM_GET_LAPIC, "ioctl(KVM_GET_LAPIC)");
        _mpState = vcpu.Get<KvmMpState>(KvmIoctl.KVM_GET_MP_STATE, "ioctl(KVM_GET_MP_STATE)");
    }

    public KvmSregs Sregs { get; }

    /// <summary>
    /// Registers that firmware sets on every processor before it starts a system: fast string instructions, and
    /// memory that is cached unless the page tables say otherwise.
    /// </summary>
    public KvmMsrEntry[] BootMsrs => BuildBootMsrs();

    /// <summary>Puts the state back.</summary>
    public void Restore(KvmVcpu vcpu)
    {
        vcpu.SetSregs(Sregs);
        vcpu.SetRegs(_regs);
        fixed (byte* xsave = _xsave)
        {
            // The buffer is as large as KVM made it when it was read.
            vcpu.Call(KvmIoctl.KVM_SET_XSAVE, xsave, "ioctl(KVM_SET_XSAVE)");
        }

        vcpu.Set(KvmIoctl.KVM_SET_XCRS, _xcrs, "ioctl(KVM_SET_XCRS)");
        vcpu.Set(KvmIoctl.KVM_SET_LAPIC, _lapic, "ioctl(KVM_SET_LAPIC)");
        // After the APIC: the deadline timer and the APIC base are registers, too.
        _ = MsrList.Write(vcpu, _msrs);
        // Zero is what KVM takes for a processor that powers on: it gives the counter the offset that the machine's others
        // have, so they stay together. On AMD hosts it must be told, for after a triple fault KVM runs the guest without
        // the offset but counts with it, and every timer of the guest comes as much too late as the host had been up.
        _ = MsrList.Write(vcpu, [new KvmMsrEntry { Index = MsrList.IA32_TSC, Data = 0 }]);
        vcpu.Set(KvmIoctl.KVM_SET_VCPU_EVENTS, _events, "ioctl(KVM_SET_VCPU_EVENTS)");
        vcpu.Set(KvmIoctl.KVM_SET_DEBUGREGS, _debugregs, "ioctl(KVM_SET_DEBUGREGS)");
        vcpu.Set(KvmIoctl.KVM_SET_MP_STATE, _mpState, "ioctl(KVM_SET_MP_STATE)");
    }

    private KvmMsrEntry[] BuildBootMsrs()
    {
        const ulong FastStrings = 1;
        const ulong MtrrEnable = 1 << 11;
        const ulong WriteBack = 6;
        ulong miscellaneous = Array.Find(_msrs, static msr => msr.Index == MsrList.IA32_MISC_ENABLE).Data;
        return
        [
            new KvmMsrEntry { Index = MsrList.IA32_MISC_ENABLE, Data = miscellaneous | FastStrings },
            new KvmMsrEntry { Index = MsrList.IA32_MTRR_DEF_TYPE, Data = MtrrEnable | WriteBack },
        ];
    }
}
