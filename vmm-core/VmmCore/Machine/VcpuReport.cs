using System.Globalization;
using System.Text;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Machine;

/// <summary>Tells a person in what state a vCPU failed.</summary>
internal static unsafe class VcpuReport
{
    // struct kvm_run, emulation_failure: flag and place of the instruction bytes inside the exit's data.
    private const ulong KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES = 1;
    private const int InstructionSizeAt = 8;

    /// <summary>The exit that vmm-core cannot serve, in one line.</summary>
    public static string DescribeExit(KvmVcpu vcpu)
    {
        KvmRun* run = vcpu.Shared;
        return run->ExitReason switch
        {
            KvmExitReason.KVM_EXIT_INTERNAL_ERROR =>
                $"KVM could not go on with vCPU {vcpu.Id}: KVM_EXIT_INTERNAL_ERROR, {DescribeInternalError(run->InternalError)}",
            KvmExitReason.KVM_EXIT_FAIL_ENTRY =>
                $"the processor refused to enter vCPU {vcpu.Id}: KVM_EXIT_FAIL_ENTRY, reason 0x{run->FailEntry.HardwareEntryFailureReason:X}",
            KvmExitReason.KVM_EXIT_UNKNOWN =>
                $"KVM does not know why vCPU {vcpu.Id} stopped: KVM_EXIT_UNKNOWN, hardware reason 0x{run->HardwareExitReason:X}",
            KvmExitReason other => $"vCPU {vcpu.Id} stopped for a reason that vmm-core does not know: {other}",
        };
    }

    /// <summary>Registers, several lines.</summary>
    public static string Describe(KvmVcpu vcpu)
    {
        KvmRegs r = vcpu.GetRegs();
        KvmSregs s = vcpu.GetSregs();
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"vCPU {vcpu.Id}:");
        text.AppendLine(CultureInfo.InvariantCulture, $"  rip {r.Rip:X16} rsp {r.Rsp:X16} rbp {r.Rbp:X16} rflags {r.Rflags:X8}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  rax {r.Rax:X16} rbx {r.Rbx:X16} rcx {r.Rcx:X16} rdx {r.Rdx:X16}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  rsi {r.Rsi:X16} rdi {r.Rdi:X16} r8  {r.R8:X16} r9  {r.R9:X16}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  r10 {r.R10:X16} r11 {r.R11:X16} r12 {r.R12:X16} r13 {r.R13:X16}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  r14 {r.R14:X16} r15 {r.R15:X16} cr0 {s.Cr0:X16} cr2 {s.Cr2:X16}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  cr3 {s.Cr3:X16} cr4 {s.Cr4:X16} efer {s.Efer:X8} apic base {s.ApicBase:X}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  cs {Describe(s.Cs)} ss {Describe(s.Ss)} ds {Describe(s.Ds)} tr {Describe(s.Tr)}");
        text.Append(CultureInfo.InvariantCulture, $"  gdt {s.Gdt.Base:X}+{s.Gdt.Limit:X} idt {s.Idt.Base:X}+{s.Idt.Limit:X}");
        return text.ToString();
    }

    private static string Describe(in KvmSegment segment) =>
        $"{segment.Selector:X4}:{segment.Base:X}+{segment.Limit:X} dpl {segment.Dpl}";

    private static string DescribeInternalError(in KvmRun.InternalErrorExit error)
    {
        if (error.Suberror != KvmRun.InternalErrorExit.KVM_INTERNAL_ERROR_EMULATION)
        {
            return $"suberror {error.Suberror}";
        }

        fixed (ulong* data = error.Data)
        {
            // The flags and the instruction lie in the first three words of the exit's data, if KVM gave so many.
            bool known = error.DataCount >= 3 && (data[0] & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES) != 0;
            if (!known)
            {
                return "an instruction that it cannot emulate";
            }

            byte* instruction = (byte*)data + InstructionSizeAt;
            var bytes = new ReadOnlySpan<byte>(instruction + 1, Math.Min((int)*instruction, 15));
            return $"an instruction that it cannot emulate ({Convert.ToHexString(bytes)})";
        }
    }
}
