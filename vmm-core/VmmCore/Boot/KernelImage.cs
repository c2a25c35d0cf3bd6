using System.Buffers.Binary;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>A kernel of a format that vmm-core boots directly.</summary>
public abstract class KernelImage : IDisposable
{
    // Enough to tell every format apart, and all of a bzImage's setup header.
    private const int HeadSize = 0x300;

    private protected KernelImage(BootFile file) => File = file;

    public BootFile File { get; }

    /// <summary>
    /// The image says of itself that it runs where KVM interprets privileged code: an ELF note of owner "SplitVmm",
    /// type 1. Only such images start without the probe of the host.
    /// </summary>
    public virtual bool IsMicroguest => false;

    /// <summary>Most bytes of a command line that this kernel takes.</summary>
    public abstract int MaximumCommandLine { get; }

    /// <summary>Where an initrd must end at the latest, by the kernel's own wish.</summary>
    internal abstract ulong InitrdLimit { get; }

    /// <summary>Opens a kernel and checks that it is whole and of a known format.</summary>
    /// <exception cref="BootException">It is not; the message says what it is instead, and what to do.</exception>
    public static KernelImage Open(string path)
    {
        BootFile file = BootFile.Open(path);
        try
        {
            var head = new byte[(int)Math.Min(HeadSize, file.Length)];
            _ = file.TryRead(0, head);
            if (ElfKernel.IsElf(head))
            {
                return new ElfKernel(file);
            }

            return BzImageKernel.HasSetupHeader(head)
                ? new BzImageKernel(file, head)
                : throw new BootException($"{path} is {Describe(head)}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        File.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts the kernel into RAM.</summary>
    /// <returns>The end of the memory it needs to start.</returns>
    internal abstract ulong Load(GuestRam ram);

    /// <summary>Writes what the kernel expects to find, and says how its first vCPU starts.</summary>
    internal abstract VcpuEntry Prepare(GuestRam ram, in BootInformation information);

    /// <summary>The RAM that a piece of the kernel goes to.</summary>
    private protected Span<byte> Destination(GuestRam ram, ulong address, ulong length)
    {
        bool low = address < BootAddresses.HighMemory;
        if (!low && ram.TrySlice(address, length, out Span<byte> bytes))
        {
            return bytes;
        }

        throw new BootException(low
            ? $"{File.Path} wants to be loaded at 0x{address:X}, below 1 MiB: link it to 0x100000 or higher"
            : $"{File.Path} needs RAM up to 0x{address + length:X}: give the machine more with --memory");
    }

    private static string Describe(ReadOnlySpan<byte> head)
    {
        const string Remedy = "use a bzImage or an uncompressed vmlinux";
        uint magic = head.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(head) : 0;
        return magic switch
        {
            _ when (magic & 0xFFFF) == 0x8B1F => $"compressed with gzip: {Remedy}",
            0xFD2F_B528 => $"compressed with zstd: {Remedy}",
            0x587A_37FD => $"compressed with xz: {Remedy}",
            _ when (magic & 0xFF_FFFF) == 0x68_5A42 => $"compressed with bzip2: {Remedy}",
            _ when (magic & 0xFFFF) == 0x5A4D => $"an EFI or Windows program without Linux's boot protocol: {Remedy}",
            _ => "not a kernel (neither an ELF file nor a Linux bzImage): " + Remedy,
        };
    }
}
