using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SplitVmm.VmmCore.Kvm.Layouts;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// The PVH boot protocol of Xen (xen/include/public/arch-x86/hvm/start_info.h): 32-bit protected mode without
/// paging, EBX points to <c>struct hvm_start_info</c>.
/// </summary>
internal static class PvhProtocol
{
    private const uint XEN_HVM_START_MAGIC_VALUE = 0x336E_C578;
    private const int StartInfoSize = 56;
    private const int ModuleSize = 32;
    private const int RangeSize = 24;

    public static VcpuEntry Prepare(GuestRam ram, in BootInformation information, uint entry)
    {
        WriteCommandLine(ram, information.CommandLine.Span);
        WriteModule(ram, information);
        WriteMemoryMap(ram, information.Memory);
        WriteStartInfo(ram, information);
        LowMemory.Place(ram, BootAddresses.Gdt, MemoryMarshal.AsBytes<ulong>(FlatSegments.Gdt(is64Bit: false)));
        var regs = new KvmRegs { Rip = entry, Rbx = BootAddresses.StartInfo, Rflags = 2 };
        var gdt = new KvmDtable { Base = BootAddresses.Gdt, Limit = (6 * sizeof(ulong)) - 1 };
        const ulong PE = 1;
        const ulong ET = 0x10;
        return new VcpuEntry(
            regs,
            new Protection(FlatSegments.Code(false), FlatSegments.Data(), FlatSegments.Task(), gdt, PE | ET, 0, 0, 0));
    }

    private static void WriteStartInfo(GuestRam ram, in BootInformation information)
    {
        Span<byte> info = stackalloc byte[StartInfoSize];
        info.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(info, XEN_HVM_START_MAGIC_VALUE);
        BinaryPrimitives.WriteUInt32LittleEndian(info[4..], 1); // version: with a memory map
        BinaryPrimitives.WriteUInt32LittleEndian(info[12..], information.InitrdSize > 0 ? 1u : 0u);
        BinaryPrimitives.WriteUInt64LittleEndian(info[16..], information.InitrdSize > 0 ? BootAddresses.ModuleList : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(info[24..], BootAddresses.CommandLine);
        BinaryPrimitives.WriteUInt64LittleEndian(info[32..], information.Rsdp);
        BinaryPrimitives.WriteUInt64LittleEndian(info[40..], BootAddresses.MemoryMap);
        BinaryPrimitives.WriteUInt32LittleEndian(info[48..], (uint)information.Memory.Length);
        LowMemory.Place(ram, BootAddresses.StartInfo, info);
    }

    private static void WriteModule(GuestRam ram, in BootInformation information)
    {
        Span<byte> module = stackalloc byte[ModuleSize];
        module.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(module, information.InitrdStart);
        BinaryPrimitives.WriteUInt64LittleEndian(module[8..], information.InitrdSize);
        LowMemory.Place(ram, BootAddresses.ModuleList, module);
    }

    private static void WriteMemoryMap(GuestRam ram, MemoryRange[] ranges)
    {
        var table = new byte[ranges.Length * RangeSize];
        for (int i = 0; i < ranges.Length; i++)
        {
            Span<byte> entry = table.AsSpan(i * RangeSize);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, ranges[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], ranges[i].Size);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], (uint)ranges[i].Type);
        }

        LowMemory.Place(ram, BootAddresses.MemoryMap, table);
    }

    // RAM is zero but for what is placed there: the closing zero needs no writing.
    private static void WriteCommandLine(GuestRam ram, ReadOnlySpan<byte> text) =>
        LowMemory.Place(ram, BootAddresses.CommandLine, text);
}
