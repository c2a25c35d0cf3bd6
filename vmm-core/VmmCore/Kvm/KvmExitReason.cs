namespace SplitVmm.VmmCore.Kvm;

/// <summary>Why KVM_RUN came back: <c>exit_reason</c> of <c>struct kvm_run</c>.</summary>
internal enum KvmExitReason : uint
{
    KVM_EXIT_UNKNOWN = 0,
    KVM_EXIT_EXCEPTION = 1,
    KVM_EXIT_IO = 2,
    KVM_EXIT_DEBUG = 4,
    KVM_EXIT_HLT = 5,
    KVM_EXIT_MMIO = 6,
    KVM_EXIT_IRQ_WINDOW_OPEN = 7,
    KVM_EXIT_SHUTDOWN = 8,
    KVM_EXIT_FAIL_ENTRY = 9,
    KVM_EXIT_INTR = 10,
    KVM_EXIT_INTERNAL_ERROR = 17,
    KVM_EXIT_SYSTEM_EVENT = 24,
    KVM_EXIT_MEMORY_FAULT = 39,
}
