using System.Buffers.Binary;

namespace SplitVmm.Sandbox.Tests;

/// <summary>Runs a classic BPF program over one <c>struct seccomp_data</c>, as the kernel does for each system call.</summary>
internal static class FilterMachine
{
    public const uint SECCOMP_RET_ALLOW = 0x7fff_0000;
    public const uint SECCOMP_RET_ERRNO = 0x0005_0000;
    public const uint SECCOMP_RET_KILL_PROCESS = 0x8000_0000;

    private const uint AUDIT_ARCH_X86_64 = 0xC000_003E;

    /// <returns>The filter's verdict, with its data.</returns>
    public static uint Run(byte[] program, int call, params ulong[] arguments)
    {
        Span<byte> data = stackalloc byte[64];
        data.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(data, call);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], AUDIT_ARCH_X86_64);
        for (int i = 0; i < arguments.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (8 * i))..], arguments[i]);
        }

        uint accumulator = 0;
        for (int at = 0; ; at++)
        {
            // struct sock_filter: code, jump if true, jump if false, constant.
            ReadOnlySpan<byte> instruction = program.AsSpan(at * 8, 8);
            ushort code = BinaryPrimitives.ReadUInt16LittleEndian(instruction);
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            switch (code)
            {
                case 0x20: // BPF_LD | BPF_W | BPF_ABS
                    accumulator = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)k..]);
                    break;
                case 0x54: // BPF_ALU | BPF_AND | BPF_K
                    accumulator &= k;
                    break;
                case 0x05: // BPF_JMP | BPF_JA
                    at += (int)k;
                    break;
                case 0x15: // BPF_JEQ
                    at += accumulator == k ? instruction[2] : instruction[3];
                    break;
                case 0x25: // BPF_JGT
                    at += accumulator > k ? instruction[2] : instruction[3];
                    break;
                case 0x35: // BPF_JGE
                    at += accumulator >= k ? instruction[2] : instruction[3];
                    break;
                case 0x06: // BPF_RET | BPF_K
                    return k;
                default:
                    throw new InvalidOperationException($"instruction 0x{code:X} at {at}");
            }
        }
    }
}
