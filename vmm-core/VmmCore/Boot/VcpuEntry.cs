using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Boot;

/// <summary>How the first vCPU enters a kernel.</summary>
/// <param name="Regs">General registers.</param>
/// <param name="Protection">Segments, descriptor tables, control registers; the rest stays as at power-on.</param>
internal sealed record VcpuEntry(KvmRegs Regs, Protection Protection)
{
    /// <summary>Puts the entry state over the power-on state.</summary>
    public KvmSregs ApplyTo(KvmSregs powerOn)
    {
        powerOn.Cs = Protection.Code;
        powerOn.Ds = powerOn.Es = powerOn.Fs = powerOn.Gs = powerOn.Ss = Protection.Data;
        powerOn.Tr = Protection.Task;
        powerOn.Gdt = Protection.Gdt;
        powerOn.Cr0 = Protection.Cr0;
        powerOn.Cr3 = Protection.Cr3;
        powerOn.Cr4 = Protection.Cr4;
        powerOn.Efer = Protection.Efer;
        return powerOn;
    }
}

/// <summary>Segments, descriptor table and control registers of an entry state.</summary>
internal readonly record struct Protection(
    KvmSegment Code, KvmSegment Data, KvmSegment Task, KvmDtable Gdt, ulong Cr0, ulong Cr3, ulong Cr4, ulong Efer);
