using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// The setup header of a bzImage (Linux, Documentation/arch/x86/boot.rst), with field names and offsets from there.
/// It lies at the same offset in the file and in <c>struct boot_params</c>.
/// </summary>
internal readonly struct SetupHeader
{
    /// <summary>First byte of the header, in the file and in boot_params.</summary>
    public const int Start = 0x1F1;

    public const ushort XLF_KERNEL_64 = 1;

    // Protocol 2.12 (Linux 3.8) brought xloadflags, and with it the 64-bit entry.
    private const ushort RequiredVersion = 0x20C;

    private readonly byte[] _head;

    private SetupHeader(byte[] head) => _head = head;

    /// <summary>The header's bytes, to be copied into boot_params.</summary>
    public ReadOnlySpan<byte> Bytes => _head.AsSpan(Start, Math.Min(0x202 + _head[0x201], _head.Length) - Start);

    /// <summary>Bytes of the file before the protected-mode kernel.</summary>
    public int SetupSize => ((_head[0x1F1] == 0 ? 4 : _head[0x1F1]) + 1) * 512;

    /// <summary>Bytes of the protected-mode kernel.</summary>
    public long KernelSize => U32(0x1F4) * 16L;

    public ushort Version => U16(0x206);

    public bool HasRequiredVersion => Version >= RequiredVersion;

    public uint InitrdAddressMaximum => U32(0x22C);

    public bool Has64BitEntry => (U16(0x236) & XLF_KERNEL_64) != 0;

    public uint CommandLineSize => U32(0x238);

    public ulong PreferredAddress => BinaryPrimitives.ReadUInt64LittleEndian(_head.AsSpan(0x258));

    /// <summary>Bytes of linear memory that the kernel needs from its load address on, to unpack itself.</summary>
    public uint InitializationSize => U32(0x260);

    /// <summary>False if the bytes have no setup header, or end before its last field.</summary>
    public static bool TryParse(byte[] head, out SetupHeader header)
    {
        header = new SetupHeader(head);
        return head.Length >= 0x264
            && BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(0x1FE)) == 0xAA55
            && head.AsSpan(0x202).StartsWith("HdrS"u8);
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_head.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_head.AsSpan(at));
}
