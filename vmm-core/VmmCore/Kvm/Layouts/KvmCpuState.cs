using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.Kvm.Layouts;

/// <summary><c>struct kvm_vcpu_events</c>: exceptions and interrupts in flight. Kept and put back whole.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct KvmVcpuEvents;

/// <summary><c>struct kvm_debugregs</c>. Kept and put back whole.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct KvmDebugregs;

/// <summary><c>struct kvm_xcrs</c>. Kept and put back whole.</summary>
[StructLayout(LayoutKind.Sequential, Size = 392)]
internal struct KvmXcrs;

/// <summary><c>struct kvm_lapic_state</c>: the register page of a local APIC. Kept and put back whole.</summary>
[StructLayout(LayoutKind.Sequential, Size = 1024)]
internal struct KvmLapicState;

/// <summary><c>struct kvm_mp_state</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmMpState
{
    public const uint KVM_MP_STATE_RUNNABLE = 0;
    public const uint KVM_MP_STATE_UNINITIALIZED = 1;

    public uint State;
}

/// <summary><c>struct kvm_msr_entry</c>; an array of them follows the two words of <c>struct kvm_msrs</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmMsrEntry
{
    public uint Index;
    public uint Reserved;
    public ulong Data;
}

/// <summary><c>struct kvm_cpuid_entry2</c>; an array of them follows the two words of <c>struct kvm_cpuid2</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmCpuidEntry2
{
    /// <summary>The answer depends on ECX (<see cref="Index"/>).</summary>
    public const uint KVM_CPUID_FLAG_SIGNIFCANT_INDEX = 1;

    public uint Function;
    public uint Index;
    public uint Flags;
    public uint Eax;
    public uint Ebx;
    public uint Ecx;
    public uint Edx;
    public fixed uint Padding[3];
}
