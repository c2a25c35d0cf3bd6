using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SplitVmm.VmmCore.Kvm.Layouts;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// Linux's 64-bit boot protocol (Documentation/arch/x86/boot.rst, "64-bit Boot Protocol"): long mode with an
/// identity map, RSI points to <c>struct boot_params</c>, the "zero page" (Documentation/arch/x86/zero-page.rst).
/// </summary>
internal static class LinuxProtocol
{
    private const int BootParamsSize = 4096;
    private const int E820EntrySize = 20;
    private const int E820MaximumEntries = 128;
    private const ulong GiB = 1UL << 30;

    public static VcpuEntry Prepare(GuestRam ram, in BootInformation information, in SetupHeader header, ulong entry)
    {
        WriteZeroPage(ram, information, header);
        LowMemory.Place(ram, BootAddresses.CommandLine, information.CommandLine.Span);
        WritePageTables(ram);
        LowMemory.Place(ram, BootAddresses.Gdt, MemoryMarshal.AsBytes<ulong>(FlatSegments.Gdt(is64Bit: true)));
        var regs = new KvmRegs
        {
            Rip = entry,
            Rsi = BootAddresses.ZeroPage,
            Rsp = BootAddresses.BootStackTop,
            Rflags = 2,
        };
        var gdt = new KvmDtable { Base = BootAddresses.Gdt, Limit = (6 * sizeof(ulong)) - 1 };
        const ulong PE = 1;
        const ulong ET = 0x10;
        const ulong PG = 0x8000_0000;
        const ulong PAE = 0x20;
        const ulong LME = 0x100;
        const ulong LMA = 0x400;
        return new VcpuEntry(
            regs,
            new Protection(
                FlatSegments.Code(true), FlatSegments.Data(), FlatSegments.Task(), gdt, PE | ET | PG, BootAddresses.PageTables, PAE, LME | LMA));
    }

    private static void WriteZeroPage(GuestRam ram, in BootInformation information, in SetupHeader header)
    {
        const byte UnknownLoader = 0xFF;
        const byte CAN_USE_HEAP = 0x80;
        Span<byte> page = stackalloc byte[BootParamsSize];
        page.Clear();
        header.Bytes.CopyTo(page[SetupHeader.Start..]);
        BinaryPrimitives.WriteUInt64LittleEndian(page[0x70..], information.Rsdp); // acpi_rsdp_addr
        page[0x210] = UnknownLoader; // type_of_loader
        page[0x211] &= unchecked((byte)~CAN_USE_HEAP); // loadflags: the real-mode heap is not there
        BinaryPrimitives.WriteUInt32LittleEndian(page[0x218..], (uint)information.InitrdStart); // ramdisk_image
        BinaryPrimitives.WriteUInt32LittleEndian(page[0x21C..], (uint)information.InitrdSize); // ramdisk_size
        BinaryPrimitives.WriteUInt32LittleEndian(page[0x228..], (uint)BootAddresses.CommandLine); // cmd_line_ptr
        BinaryPrimitives.WriteUInt64LittleEndian(page[0x250..], 0); // setup_data
        int count = Math.Min(information.Memory.Length, E820MaximumEntries);
        page[0x1E8] = (byte)count; // e820_entries
        for (int i = 0; i < count; i++)
        {
            Span<byte> entry = page[(0x2D0 + (i * E820EntrySize))..]; // e820_table
            BinaryPrimitives.WriteUInt64LittleEndian(entry, information.Memory[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], information.Memory[i].Size);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], (uint)information.Memory[i].Type);
        }

        LowMemory.Place(ram, BootAddresses.ZeroPage, page);
    }

    // The first 4 GiB onto themselves, by pages of 2 MiB, which every x86-64 processor has.
    private static void WritePageTables(GuestRam ram)
    {
        const ulong PresentWritable = 3;
        const ulong Large = 0x80;
        const int Entries = 512;
        var tables = new ulong[6 * Entries];
        tables[0] = (BootAddresses.PageTables + 0x1000) | PresentWritable;
        for (int directory = 0; directory < 4; directory++)
        {
            tables[Entries + directory] = (BootAddresses.PageTables + 0x2000 + ((ulong)directory * 0x1000)) | PresentWritable;
            for (int page = 0; page < Entries; page++)
            {
                ulong address = ((ulong)directory * GiB) + ((ulong)page << 21);
                tables[((2 + directory) * Entries) + page] = address | PresentWritable | Large;
            }
        }

        LowMemory.Place(ram, BootAddresses.PageTables, MemoryMarshal.AsBytes<ulong>(tables));
    }
}
