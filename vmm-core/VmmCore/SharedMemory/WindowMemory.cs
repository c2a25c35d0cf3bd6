using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Interop;

namespace SplitVmm.VmmCore.SharedMemory;

/// <summary>
/// The addresses of this process behind a window. Every page is backed at every moment, by what was mapped or by the
/// dummy, a sparse memfd that repeats: each change is one <c>mmap(MAP_FIXED)</c>, which replaces without a gap, and KVM
/// follows by itself. So no access of the guest can fail, and the memory slot never changes.
/// </summary>
internal sealed unsafe class WindowMemory : IDisposable
{
    /// <summary>Bytes of the dummy: what a guest that writes to holes can cost the host.</summary>
    private const ulong DummySize = 64UL << 20;

    /// <summary>Where the address and the guest's agree modulo this, KVM can use large pages.</summary>
    private const ulong Alignment = 2UL << 20;

    private readonly MemFd _dummy;
    private readonly byte* _reserved;

    /// <param name="size">Bytes, a multiple of the page size.</param>
    /// <exception cref="ErrnoException">The host refuses the memory.</exception>
    public WindowMemory(ulong size)
    {
        Size = size;
        _dummy = MemFd.Create("splitvmm-window", (long)Math.Min(size, DummySize), Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        const int Flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
        void* reserved = Libc.mmap(null, checked((nuint)(size + Alignment)), Libc.PROT_NONE, Flags, -1, 0);
        if ((nint)reserved == -1)
        {
            _dummy.Dispose();
            throw ErrnoException.FromLastError("mmap", $"a window of {size} bytes");
        }

        _reserved = (byte*)reserved;
        Start = (byte*)(((ulong)reserved + Alignment - 1) & ~(Alignment - 1));
        try
        {
            Empty(0, size);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ulong Size { get; }

    /// <summary>The first of <see cref="Size"/> bytes, all readable and writable until <see cref="Dispose"/>.</summary>
    public byte* Start { get; }

    /// <summary>Puts a part of a file there.</summary>
    /// <param name="at">With <paramref name="length"/> a range of whole pages inside the window.</param>
    /// <returns>0, or the errno; then what was there before is there.</returns>
    public int TryMap(ulong at, ulong length, Descriptor file, ulong fileOffset)
    {
        if (Replace(at, length, file, (long)fileOffset))
        {
            return 0;
        }

        int errno = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        // Before Linux 6.12 a mapping that fails late has taken the old one away.
        Empty(at, length);
        return errno;
    }

    /// <summary>Puts the dummy there.</summary>
    /// <exception cref="ErrnoException">Neither the part nor the whole could be backed: nothing more can be promised.</exception>
    public void Empty(ulong at, ulong length)
    {
        ulong dummy = (ulong)_dummy.Size;
        while (length > 0)
        {
            ulong offset = at % dummy;
            ulong part = Math.Min(length, dummy - offset);
            if (!Replace(at, part, _dummy, (long)offset))
            {
                throw ErrnoException.FromLastError("mmap(MAP_FIXED)", "the dummy of a window");
            }

            at += part;
            length -= part;
        }
    }

    /// <summary>What the guest wrote to holes goes back to the host.</summary>
    public void ForgetHoles() =>
        _ = Libc.fallocate(_dummy, Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE, 0, _dummy.Size);

    public void Dispose()
    {
        // Nobody uses the window any more: no vCPU is left.
        _ = Libc.munmap(_reserved, (nuint)(Size + Alignment));
        _dummy.Dispose();
    }

    private bool Replace(ulong at, ulong length, Descriptor file, long offset)
    {
        const int Protection = Libc.PROT_READ | Libc.PROT_WRITE;
        const int Flags = Libc.MAP_SHARED | Libc.MAP_FIXED | Libc.MAP_NORESERVE;
        // The callers checked that the range lies inside the window, whose addresses are ours alone.
        void* mapped = Libc.mmap(Start + at, (nuint)length, Protection, Flags, file.Number, offset);
        GC.KeepAlive(file);
        return (nint)mapped != -1;
    }
}
