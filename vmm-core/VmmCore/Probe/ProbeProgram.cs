using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SplitVmm.VmmCore.Boot;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Probe;

/// <summary>
/// The probe's guest: a page of code in long mode at privilege level 0. Its source is
/// tests/VmmCore.Tests/Probe/probe.S; a test assembles that and compares.
/// </summary>
internal static class ProbeProgram
{
    public const int RamSize = 0x10000;
    public const ushort Port = 0x80;

    /// <summary>Instructions of one round of <see cref="ProbeStep.Loop"/>.</summary>
    public const int InstructionsPerRound = 400_000;

    private const ulong Gdt = 0x1000;
    private const ulong Pml4 = 0x2000;
    private const ulong PageDirectoryPointers = 0x3000;
    private const ulong PageDirectory = 0x4000;
    private const ulong Idt = 0x5000;
    private const ulong CodeStart = 0x6000;
    private const ulong StackTop = 0x8000;
    private const ulong Data = 0x8000;

    private const int BreakpointVector = 3;
    private const ulong BreakpointHandler = CodeStart + 0x100;
    private const int GateSize = 16;

    private const int CX16 = 13;
    private const int POPCNT = 23;
    private const int XSAVE = 26;

    public static ReadOnlySpan<byte> Code =>
    [
        0xB9, 0x40, 0x0D, 0x03, 0x00, // round: mov $200000, %ecx
        0xFF, 0xC9, 0x75, 0xFC, // 1: dec %ecx; jnz 1b
        0xB0, 0x01, 0xE6, 0x80, // mov $1, %al; out %al, $0x80
        0xE4, 0x80, 0x84, 0xC0, 0x75, 0xED, // in $0x80, %al; test %al, %al; jnz round
        0x31, 0xDB, 0xCC, // xor %ebx, %ebx; int3
        0x83, 0xFB, 0x01, 0x0F, 0x85, 0x99, 0x00, 0x00, 0x00, // cmp $1, %ebx; jne wrong
        0xB0, 0x02, 0xE6, 0x80, // mov $2, %al; out %al, $0x80
        0xB8, 0x0D, 0xF0, 0x0D, 0x60, // mov $0x600DF00D, %eax
        0x66, 0x0F, 0x6E, 0xC0, 0x0F, 0x29, 0x06, // movd %eax, %xmm0; movaps %xmm0, (%rsi)
        0x0F, 0x28, 0x0E, 0x66, 0x0F, 0x7E, 0xCA, // movaps (%rsi), %xmm1; movd %xmm1, %edx
        0x39, 0xC2, 0x75, 0x7E, // cmp %eax, %edx; jne wrong
        0xB0, 0x03, 0xE6, 0x80, // mov $3, %al; out %al, $0x80
        0x0F, 0xBA, 0xE7, 0x0D, 0x73, 0x22, // bt $CX16, %edi; jnc 2f
        0x48, 0x8B, 0x06, 0x48, 0x8B, 0x56, 0x08, // mov (%rsi), %rax; mov 8(%rsi), %rdx
        0xBB, 0x05, 0x00, 0x00, 0x00, 0xB9, 0x06, 0x00, 0x00, 0x00, // mov $5, %ebx; mov $6, %ecx
        0x48, 0x0F, 0xC7, 0x0E, 0x75, 0x5D, // cmpxchg16b (%rsi); jnz wrong
        0x48, 0x83, 0x7E, 0x08, 0x06, 0x75, 0x56, // cmpq $6, 8(%rsi); jne wrong
        0xB0, 0x04, 0xE6, 0x80, // mov $4, %al; out %al, $0x80
        0x0F, 0xBA, 0xE7, 0x17, 0x73, 0x12, // 2: bt $POPCNT, %edi; jnc 3f
        0xB9, 0x0F, 0x0F, 0x00, 0x00, 0xF3, 0x0F, 0xB8, 0xC9, // mov $0xF0F, %ecx; popcnt %ecx, %ecx
        0x83, 0xF9, 0x08, 0x75, 0x3E, // cmp $8, %ecx; jne wrong
        0xB0, 0x05, 0xE6, 0x80, // mov $5, %al; out %al, $0x80
        0x0F, 0xBA, 0xE7, 0x1A, 0x73, 0x2F, // 3: bt $XSAVE, %edi; jnc 4f
        0x0F, 0x20, 0xE0, 0x0D, 0x00, 0x00, 0x04, 0x00, 0x0F, 0x22, 0xE0, // set CR4.OSXSAVE
        0x6A, 0x03, 0x58, 0x31, 0xD2, // push $3; pop %rax; xor %edx, %edx
        0x31, 0xC9, 0x0F, 0x01, 0xD1, // xor %ecx, %ecx; xsetbv
        0x0F, 0xAE, 0x26, 0x66, 0x0F, 0xEF, 0xC0, 0x0F, 0xAE, 0x2E, // xsave (%rsi); pxor %xmm0, %xmm0; xrstor (%rsi)
        0x66, 0x0F, 0x7E, 0xC1, 0x81, 0xF9, 0x0D, 0xF0, 0x0D, 0x60, // movd %xmm0, %ecx; cmp $0x600DF00D, %ecx
        0x75, 0x09, 0xB0, 0x06, 0xE6, 0x80, // jne wrong; mov $6, %al; out %al, $0x80
        0x31, 0xC0, 0xE6, 0x80, 0xF4, // 4: xor %eax, %eax; out %al, $0x80; hlt
        0xB0, 0xFF, 0xE6, 0x80, 0xF4, // wrong: mov $0xFF, %al; out %al, $0x80; hlt
    ];

    /// <summary>Vector 3, at offset 0x100.</summary>
    public static ReadOnlySpan<byte> BreakpointCode => [0xFF, 0xC3, 0x48, 0xCF]; // inc %ebx; iretq

    /// <summary>The step that the guest is at after it has reported <paramref name="done"/>.</summary>
    /// <param name="done">The last step reported; null for none.</param>
    /// <param name="features">CPUID leaf 1, ECX.</param>
    public static ProbeStep Next(ProbeStep? done, uint features)
    {
        for (ProbeStep step = (done ?? 0) + 1; step <= ProbeStep.Xsave; step++)
        {
            int? feature = step switch
            {
                ProbeStep.Cmpxchg16b => CX16,
                ProbeStep.Popcnt => POPCNT,
                ProbeStep.Xsave => XSAVE,
                _ => null,
            };
            if (feature is not { } bit || (features & (1u << bit)) != 0)
            {
                return step;
            }
        }

        return ProbeStep.End;
    }

    /// <summary>Places code and tables.</summary>
    public static void Load(Span<byte> ram)
    {
        const ulong PresentWritable = 3;
        const ulong Large = 0x80;
        MemoryMarshal.AsBytes<ulong>(FlatSegments.Gdt(is64Bit: true)).CopyTo(ram[(int)Gdt..]);
        BinaryPrimitives.WriteUInt64LittleEndian(ram[(int)Pml4..], PageDirectoryPointers | PresentWritable);
        BinaryPrimitives.WriteUInt64LittleEndian(ram[(int)PageDirectoryPointers..], PageDirectory | PresentWritable);
        BinaryPrimitives.WriteUInt64LittleEndian(ram[(int)PageDirectory..], Large | PresentWritable);
        WriteGate(ram[((int)Idt + (BreakpointVector * GateSize))..], BreakpointHandler);
        Code.CopyTo(ram[(int)CodeStart..]);
        BreakpointCode.CopyTo(ram[(int)BreakpointHandler..]);
    }

    public static KvmRegs Registers(uint features) => new()
    {
        Rip = CodeStart,
        Rsp = StackTop,
        Rdi = features,
        Rsi = Data,
        Rflags = 2,
    };

    public static KvmSregs SystemRegisters(KvmSregs powerOn)
    {
        const ulong PE = 1;
        const ulong MP = 2;
        const ulong ET = 0x10;
        const ulong NE = 0x20;
        const ulong PG = 0x8000_0000;
        const ulong PAE = 0x20;
        const ulong OSFXSR = 0x200;
        const ulong OSXMMEXCPT = 0x400;
        const ulong LME = 0x100;
        const ulong LMA = 0x400;
        var gdt = new KvmDtable { Base = Gdt, Limit = (6 * sizeof(ulong)) - 1 };
        var protection = new Protection(
            FlatSegments.Code(true), FlatSegments.Data(), FlatSegments.Task(), gdt, PE | MP | ET | NE | PG, Pml4, PAE | OSFXSR | OSXMMEXCPT, LME | LMA);
        KvmSregs sregs = new VcpuEntry(default, protection).ApplyTo(powerOn);
        sregs.Idt = new KvmDtable { Base = Idt, Limit = ((BreakpointVector + 1) * GateSize) - 1 };
        return sregs;
    }

    // A 64-bit interrupt gate (Intel SDM volume 3 section 6.14.1).
    private static void WriteGate(Span<byte> gate, ulong handler)
    {
        const byte PresentInterruptGate = 0x8E;
        BinaryPrimitives.WriteUInt16LittleEndian(gate, (ushort)handler);
        BinaryPrimitives.WriteUInt16LittleEndian(gate[2..], FlatSegments.CodeSelector);
        gate[5] = PresentInterruptGate;
        BinaryPrimitives.WriteUInt16LittleEndian(gate[6..], (ushort)(handler >> 16));
        BinaryPrimitives.WriteUInt32LittleEndian(gate[8..], (uint)(handler >> 32));
    }
}
