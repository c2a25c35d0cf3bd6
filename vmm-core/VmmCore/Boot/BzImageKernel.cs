using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>A Linux bzImage, entered at its 64-bit entry; it unpacks itself.</summary>
internal sealed class BzImageKernel : KernelImage
{
    private const ulong Entry64Offset = 0x200;

    private readonly SetupHeader _header;

    public BzImageKernel(BootFile file, byte[] head)
        : base(file)
    {
        if (!SetupHeader.TryParse(head, out _header))
        {
            throw new BootException($"{file.Path} is truncated: the file ends inside its setup header; fetch or build it again");
        }

        if (!_header.HasRequiredVersion || !_header.Has64BitEntry)
        {
            throw new BootException(
                $"{file.Path} has no 64-bit entry (boot protocol {_header.Version >> 8}.{_header.Version & 0xFF}): use a kernel for x86-64 of Linux 3.8 or newer");
        }

        if (file.Length < _header.SetupSize + _header.KernelSize)
        {
            throw new BootException(
                $"{file.Path} is truncated: {file.Length} of {_header.SetupSize + _header.KernelSize} bytes; fetch or build it again");
        }
    }

    public override int MaximumCommandLine => (int)Math.Min(_header.CommandLineSize, 0xFFFF);

    internal override ulong InitrdLimit => Math.Min(_header.InitrdAddressMaximum + 1UL, AddressMap.LowRamLimit);

    // pref_address is where the kernel was linked to; loading it there spares it a relocation.
    private ulong LoadAddress => _header.PreferredAddress;

    public static bool HasSetupHeader(ReadOnlySpan<byte> head) => head.Length > 0x206 && head[0x202..].StartsWith("HdrS"u8);

    internal override ulong Load(GuestRam ram)
    {
        ulong room = Math.Max((ulong)_header.KernelSize, _header.InitializationSize);
        Span<byte> destination = Destination(ram, LoadAddress, room);
        if (!File.TryRead(_header.SetupSize, destination[..(int)_header.KernelSize]))
        {
            throw new BootException($"{File.Path} became shorter while it was read: fetch or build it again");
        }

        return LoadAddress + room;
    }

    internal override VcpuEntry Prepare(GuestRam ram, in BootInformation information) =>
        LinuxProtocol.Prepare(ram, information, _header, LoadAddress + Entry64Offset);
}
