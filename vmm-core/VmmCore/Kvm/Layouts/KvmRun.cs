using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.Kvm.Layouts;

/// <summary>
/// <c>struct kvm_run</c>: the page that KVM shares with the thread of a vCPU. Only the parts that vmm-core reads or
/// writes; what follows the union is not touched.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 2352)]
internal unsafe struct KvmRun
{
    [FieldOffset(1)]
    public byte ImmediateExit;

    [FieldOffset(8)]
    public KvmExitReason ExitReason;

    // The members of the union at offset 32, by exit reason.

    [FieldOffset(32)]
    public IoExit Io;

    [FieldOffset(32)]
    public MmioExit Mmio;

    [FieldOffset(32)]
    public FailEntryExit FailEntry;

    [FieldOffset(32)]
    public InternalErrorExit InternalError;

    [FieldOffset(32)]
    public SystemEventExit SystemEvent;

    [FieldOffset(32)]
    public ulong HardwareExitReason;

    /// <summary>KVM_EXIT_IO. The bytes lie <see cref="DataOffset"/> bytes after the start of the page.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoExit
    {
        public const byte KVM_EXIT_IO_IN = 0;
        public const byte KVM_EXIT_IO_OUT = 1;

        public byte Direction;
        public byte Size;
        public ushort Port;
        public uint Count;
        public ulong DataOffset;
    }

    /// <summary>KVM_EXIT_MMIO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MmioExit
    {
        public ulong PhysicalAddress;
        public fixed byte Data[8];
        public uint Length;
        public byte IsWrite;
    }

    /// <summary>KVM_EXIT_FAIL_ENTRY.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FailEntryExit
    {
        public ulong HardwareEntryFailureReason;
        public uint Cpu;
    }

    /// <summary>KVM_EXIT_INTERNAL_ERROR.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct InternalErrorExit
    {
        public const uint KVM_INTERNAL_ERROR_EMULATION = 1;

        public uint Suberror;
        public uint DataCount;
        public fixed ulong Data[16];
    }

    /// <summary>KVM_EXIT_SYSTEM_EVENT.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SystemEventExit
    {
        public const uint KVM_SYSTEM_EVENT_SHUTDOWN = 1;
        public const uint KVM_SYSTEM_EVENT_RESET = 2;

        public uint Type;
        public uint DataCount;
        public fixed ulong Data[16];
    }
}
