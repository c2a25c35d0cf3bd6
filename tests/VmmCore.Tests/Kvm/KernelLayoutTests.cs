using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.Harness;
using SplitVmm.VmmCore.Kvm.Layouts;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Kvm;

/// <summary>Sizes and offsets of the structures shared with KVM, against a table and against the kernel's own header.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class KernelLayoutTests
{
    private static readonly (string C, Type Managed, int Size, (string C, string Managed, int Offset)[] Fields)[] s_layouts =
    [
        ("struct kvm_run", typeof(KvmRun), 2352,
        [
            ("immediate_exit", nameof(KvmRun.ImmediateExit), 1),
            ("exit_reason", nameof(KvmRun.ExitReason), 8),
            ("io", nameof(KvmRun.Io), 32),
            ("mmio", nameof(KvmRun.Mmio), 32),
            ("fail_entry", nameof(KvmRun.FailEntry), 32),
            ("internal", nameof(KvmRun.InternalError), 32),
            ("system_event", nameof(KvmRun.SystemEvent), 32),
            ("hw.hardware_exit_reason", nameof(KvmRun.HardwareExitReason), 32),
        ]),
        ("__typeof__(((struct kvm_run *)0)->io)", typeof(KvmRun.IoExit), 16,
        [
            ("direction", nameof(KvmRun.IoExit.Direction), 0),
            ("size", nameof(KvmRun.IoExit.Size), 1),
            ("port", nameof(KvmRun.IoExit.Port), 2),
            ("count", nameof(KvmRun.IoExit.Count), 4),
            ("data_offset", nameof(KvmRun.IoExit.DataOffset), 8),
        ]),
        ("__typeof__(((struct kvm_run *)0)->mmio)", typeof(KvmRun.MmioExit), 24,
        [
            ("phys_addr", nameof(KvmRun.MmioExit.PhysicalAddress), 0),
            ("data", nameof(KvmRun.MmioExit.Data), 8),
            ("len", nameof(KvmRun.MmioExit.Length), 16),
            ("is_write", nameof(KvmRun.MmioExit.IsWrite), 20),
        ]),
        ("__typeof__(((struct kvm_run *)0)->fail_entry)", typeof(KvmRun.FailEntryExit), 16,
        [
            ("hardware_entry_failure_reason", nameof(KvmRun.FailEntryExit.HardwareEntryFailureReason), 0),
            ("cpu", nameof(KvmRun.FailEntryExit.Cpu), 8),
        ]),
        ("__typeof__(((struct kvm_run *)0)->internal)", typeof(KvmRun.InternalErrorExit), 136,
        [
            ("suberror", nameof(KvmRun.InternalErrorExit.Suberror), 0),
            ("ndata", nameof(KvmRun.InternalErrorExit.DataCount), 4),
            ("data", nameof(KvmRun.InternalErrorExit.Data), 8),
        ]),
        ("__typeof__(((struct kvm_run *)0)->system_event)", typeof(KvmRun.SystemEventExit), 136,
        [
            ("type", nameof(KvmRun.SystemEventExit.Type), 0),
            ("ndata", nameof(KvmRun.SystemEventExit.DataCount), 4),
            ("data", nameof(KvmRun.SystemEventExit.Data), 8),
        ]),
        ("struct kvm_regs", typeof(KvmRegs), 144,
        [
            ("rax", nameof(KvmRegs.Rax), 0),
            ("rbx", nameof(KvmRegs.Rbx), 8),
            ("rcx", nameof(KvmRegs.Rcx), 16),
            ("rdx", nameof(KvmRegs.Rdx), 24),
            ("rsi", nameof(KvmRegs.Rsi), 32),
            ("rdi", nameof(KvmRegs.Rdi), 40),
            ("rsp", nameof(KvmRegs.Rsp), 48),
            ("rbp", nameof(KvmRegs.Rbp), 56),
            ("r8", nameof(KvmRegs.R8), 64),
            ("r15", nameof(KvmRegs.R15), 120),
            ("rip", nameof(KvmRegs.Rip), 128),
            ("rflags", nameof(KvmRegs.Rflags), 136),
        ]),
        ("struct kvm_segment", typeof(KvmSegment), 24,
        [
            ("base", nameof(KvmSegment.Base), 0),
            ("limit", nameof(KvmSegment.Limit), 8),
            ("selector", nameof(KvmSegment.Selector), 12),
            ("type", nameof(KvmSegment.Type), 14),
            ("present", nameof(KvmSegment.Present), 15),
            ("dpl", nameof(KvmSegment.Dpl), 16),
            ("db", nameof(KvmSegment.Db), 17),
            ("s", nameof(KvmSegment.S), 18),
            ("l", nameof(KvmSegment.L), 19),
            ("g", nameof(KvmSegment.G), 20),
            ("avl", nameof(KvmSegment.Avl), 21),
            ("unusable", nameof(KvmSegment.Unusable), 22),
        ]),
        ("struct kvm_dtable", typeof(KvmDtable), 16,
        [
            ("base", nameof(KvmDtable.Base), 0),
            ("limit", nameof(KvmDtable.Limit), 8),
        ]),
        ("struct kvm_sregs", typeof(KvmSregs), 312,
        [
            ("cs", nameof(KvmSregs.Cs), 0),
            ("ds", nameof(KvmSregs.Ds), 24),
            ("es", nameof(KvmSregs.Es), 48),
            ("fs", nameof(KvmSregs.Fs), 72),
            ("gs", nameof(KvmSregs.Gs), 96),
            ("ss", nameof(KvmSregs.Ss), 120),
            ("tr", nameof(KvmSregs.Tr), 144),
            ("ldt", nameof(KvmSregs.Ldt), 168),
            ("gdt", nameof(KvmSregs.Gdt), 192),
            ("idt", nameof(KvmSregs.Idt), 208),
            ("cr0", nameof(KvmSregs.Cr0), 224),
            ("cr2", nameof(KvmSregs.Cr2), 232),
            ("cr3", nameof(KvmSregs.Cr3), 240),
            ("cr4", nameof(KvmSregs.Cr4), 248),
            ("cr8", nameof(KvmSregs.Cr8), 256),
            ("efer", nameof(KvmSregs.Efer), 264),
            ("apic_base", nameof(KvmSregs.ApicBase), 272),
            ("interrupt_bitmap", nameof(KvmSregs.InterruptBitmap), 280),
        ]),
        ("struct kvm_vcpu_events", typeof(KvmVcpuEvents), 64, []),
        ("struct kvm_debugregs", typeof(KvmDebugregs), 128, []),
        ("struct kvm_xcrs", typeof(KvmXcrs), 392, []),
        ("struct kvm_lapic_state", typeof(KvmLapicState), 1024, []),
        ("struct kvm_mp_state", typeof(KvmMpState), 4, [("mp_state", nameof(KvmMpState.State), 0)]),
        ("struct kvm_msr_entry", typeof(KvmMsrEntry), 16,
        [
            ("index", nameof(KvmMsrEntry.Index), 0),
            ("data", nameof(KvmMsrEntry.Data), 8),
        ]),
        ("struct kvm_cpuid_entry2", typeof(KvmCpuidEntry2), 40,
        [
            ("function", nameof(KvmCpuidEntry2.Function), 0),
            ("index", nameof(KvmCpuidEntry2.Index), 4),
            ("flags", nameof(KvmCpuidEntry2.Flags), 8),
            ("eax", nameof(KvmCpuidEntry2.Eax), 12),
            ("ebx", nameof(KvmCpuidEntry2.Ebx), 16),
            ("ecx", nameof(KvmCpuidEntry2.Ecx), 20),
            ("edx", nameof(KvmCpuidEntry2.Edx), 24),
        ]),
        ("struct kvm_userspace_memory_region", typeof(KvmUserspaceMemoryRegion), 32,
        [
            ("slot", nameof(KvmUserspaceMemoryRegion.Slot), 0),
            ("flags", nameof(KvmUserspaceMemoryRegion.Flags), 4),
            ("guest_phys_addr", nameof(KvmUserspaceMemoryRegion.GuestPhysicalAddress), 8),
            ("memory_size", nameof(KvmUserspaceMemoryRegion.MemorySize), 16),
            ("userspace_addr", nameof(KvmUserspaceMemoryRegion.UserspaceAddress), 24),
        ]),
        ("struct kvm_irq_level", typeof(KvmIrqLevel), 8,
        [
            ("irq", nameof(KvmIrqLevel.Irq), 0),
            ("level", nameof(KvmIrqLevel.Level), 4),
        ]),
        ("struct kvm_irqchip", typeof(KvmIrqchip), 520,
        [
            ("chip_id", nameof(KvmIrqchip.ChipId), 0),
            ("chip", nameof(KvmIrqchip.Chip), 8),
        ]),
        ("struct kvm_enable_cap", typeof(KvmEnableCap), 104,
        [
            ("cap", nameof(KvmEnableCap.Cap), 0),
            ("flags", nameof(KvmEnableCap.Flags), 4),
            ("args", nameof(KvmEnableCap.Argument), 8),
            ("pad", nameof(KvmEnableCap.Padding), 40),
        ]),
        ("struct kvm_irqfd", typeof(KvmIrqfd), 32,
        [
            ("fd", nameof(KvmIrqfd.Fd), 0),
            ("gsi", nameof(KvmIrqfd.Gsi), 4),
            ("flags", nameof(KvmIrqfd.Flags), 8),
            ("resamplefd", nameof(KvmIrqfd.ResampleFd), 12),
        ]),
        ("struct kvm_ioeventfd", typeof(KvmIoeventfd), 64,
        [
            ("datamatch", nameof(KvmIoeventfd.DataMatch), 0),
            ("addr", nameof(KvmIoeventfd.Address), 8),
            ("len", nameof(KvmIoeventfd.Length), 16),
            ("fd", nameof(KvmIoeventfd.Fd), 20),
            ("flags", nameof(KvmIoeventfd.Flags), 24),
        ]),
        ("struct kvm_irq_routing_entry", typeof(KvmIrqRoutingEntry), 48,
        [
            ("gsi", nameof(KvmIrqRoutingEntry.Gsi), 0),
            ("type", nameof(KvmIrqRoutingEntry.Type), 4),
            ("flags", nameof(KvmIrqRoutingEntry.Flags), 8),
            ("u.irqchip.irqchip", nameof(KvmIrqRoutingEntry.Irqchip), 16),
            ("u.irqchip.pin", nameof(KvmIrqRoutingEntry.Pin), 20),
            ("u.msi.address_lo", nameof(KvmIrqRoutingEntry.AddressLow), 16),
            ("u.msi.address_hi", nameof(KvmIrqRoutingEntry.AddressHigh), 20),
            ("u.msi.data", nameof(KvmIrqRoutingEntry.Data), 24),
        ]),
    ];

    [Fact]
    public void Structures_HaveSizesAndOffsetsOfTheTable()
    {
        foreach ((string _, Type managed, int size, (string C, string Managed, int Offset)[] fields) in s_layouts)
        {
            Assert.Equal((managed.Name, size), (managed.Name, Marshal.SizeOf(managed)));
            foreach ((string _, string field, int offset) in fields)
            {
                Assert.Equal((managed.Name, field, offset), (managed.Name, field, (int)Marshal.OffsetOf(managed, field)));
            }
        }
    }

    [Fact]
    public void SizeInMemory_IsTheMarshalledSize()
    {
        // The first test asks the marshaller; what KVM sees is the size that the runtime itself uses.
        Assert.Equal(Marshal.SizeOf<KvmRun>(), Unsafe.SizeOf<KvmRun>());
        Assert.Equal(Marshal.SizeOf<KvmSregs>(), Unsafe.SizeOf<KvmSregs>());
        Assert.Equal(Marshal.SizeOf<KvmCpuidEntry2>(), Unsafe.SizeOf<KvmCpuidEntry2>());
        Assert.Equal(Marshal.SizeOf<KvmLapicState>(), Unsafe.SizeOf<KvmLapicState>());
        Assert.Equal(Marshal.SizeOf<KvmVcpuEvents>(), Unsafe.SizeOf<KvmVcpuEvents>());
        Assert.Equal(Marshal.SizeOf<KvmIrqchip>(), Unsafe.SizeOf<KvmIrqchip>());
        Assert.Equal(Marshal.SizeOf<KvmIoeventfd>(), Unsafe.SizeOf<KvmIoeventfd>());
        Assert.Equal(Marshal.SizeOf<KvmIrqRoutingEntry>(), Unsafe.SizeOf<KvmIrqRoutingEntry>());
    }

    [Fact]
    public void Table_IsThatOfTheKernelsHeader()
    {
        var source = new StringBuilder("#include <linux/kvm.h>\n#include <stddef.h>\n");
        foreach ((string c, Type _, int size, (string C, string Managed, int Offset)[] fields) in s_layouts)
        {
            // Newer kernels append to these two, and vmm-core does not look behind what it knows.
            string compare = c is "struct kvm_run" ? ">=" : "==";
            source.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(sizeof({c}) {compare} {size}, \"{c}\");");
            foreach ((string field, string _, int offset) in fields)
            {
                source.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(offsetof({c}, {field}) == {offset}, \"{c} {field}\");");
            }
        }

        KernelHeader.Compile(source.ToString());
    }
}
