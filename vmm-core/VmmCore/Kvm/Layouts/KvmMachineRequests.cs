using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.Kvm.Layouts;

/// <summary><c>struct kvm_userspace_memory_region</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmUserspaceMemoryRegion
{
    public uint Slot;
    public uint Flags;
    public ulong GuestPhysicalAddress;
    public ulong MemorySize;
    public ulong UserspaceAddress;
}

/// <summary><c>struct kvm_enable_cap</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmEnableCap
{
    public uint Cap;
    public uint Flags;

    /// <summary>The first of four.</summary>
    public ulong Argument;
    public fixed ulong FurtherArguments[3];
    public fixed byte Padding[64];
}

/// <summary><c>struct kvm_irq_level</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmIrqLevel
{
    public uint Irq;
    public uint Level;
}

/// <summary><c>struct kvm_irqchip</c>: state of the IOAPIC or of one PIC.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmIrqchip
{
    public const uint KVM_IRQCHIP_PIC_MASTER = 0;
    public const uint KVM_IRQCHIP_PIC_SLAVE = 1;
    public const uint KVM_IRQCHIP_IOAPIC = 2;

    public uint ChipId;
    public uint Padding;
    public fixed byte Chip[512];
}

/// <summary><c>struct kvm_irqfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmIrqfd
{
    public const uint KVM_IRQFD_FLAG_DEASSIGN = 1;

    public uint Fd;
    public uint Gsi;
    public uint Flags;
    public uint ResampleFd;
    public fixed byte Padding[16];
}

/// <summary><c>struct kvm_ioeventfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmIoeventfd
{
    public const uint KVM_IOEVENTFD_FLAG_DEASSIGN = 4;

    public ulong DataMatch;
    public ulong Address;
    public uint Length;
    public int Fd;
    public uint Flags;
    public fixed byte Padding[36];
}

/// <summary>
/// <c>struct kvm_irq_routing_entry</c>; an array of them follows the two words of <c>struct kvm_irq_routing</c>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal struct KvmIrqRoutingEntry
{
    public const uint KVM_IRQ_ROUTING_IRQCHIP = 1;
    public const uint KVM_IRQ_ROUTING_MSI = 2;

    [FieldOffset(0)]
    public uint Gsi;

    [FieldOffset(4)]
    public uint Type;

    [FieldOffset(8)]
    public uint Flags;

    // KVM_IRQ_ROUTING_IRQCHIP

    [FieldOffset(16)]
    public uint Irqchip;

    [FieldOffset(20)]
    public uint Pin;

    // KVM_IRQ_ROUTING_MSI

    [FieldOffset(16)]
    public uint AddressLow;

    [FieldOffset(20)]
    public uint AddressHigh;

    [FieldOffset(24)]
    public uint Data;
}
