using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Memory;

/// <summary>
/// A shared, writable (or read-only) mapping of a descriptor. The mapping outlives the descriptor. The owner
/// disposes it only when no thread can use <see cref="Pointer"/> any more.
/// </summary>
public sealed unsafe class SharedMapping : SafeHandle
{
    private SharedMapping(void* address, nuint length)
        : base(-1, ownsHandle: true)
    {
        SetHandle((nint)address);
        Length = length;
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>Length in bytes.</summary>
    public nuint Length { get; }

    /// <summary>First byte; valid for <see cref="Length"/> bytes until disposal.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>A view of a part; the caller keeps this object alive while using it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the mapping.</exception>
    public Span<byte> Slice(nuint offset, int length)
    {
        if (length < 0 || offset > Length || (nuint)length > Length - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(length), $"[{offset}, +{length}) of a mapping of {Length} bytes");
        }

        // Bounds were checked above; the memory belongs to this mapping.
        return new Span<byte>(Pointer + offset, length);
    }

    /// <param name="offset">Offset into the file in bytes, a multiple of the page size.</param>
    public static SharedMapping Create(Descriptor descriptor, long offset, nuint length, bool writable = true)
    {
        int protection = writable ? Libc.PROT_READ | Libc.PROT_WRITE : Libc.PROT_READ;
        void* address = Libc.mmap(null, length, protection, Libc.MAP_SHARED | Libc.MAP_NORESERVE, descriptor.Number, offset);
        GC.KeepAlive(descriptor);
        return (nint)address != -1
            ? new SharedMapping(address, length)
            : throw ErrnoException.FromLastError("mmap", $"{descriptor}, {length} bytes at {offset}");
    }

    /// <summary>
    /// Writes into a file that can only be mapped, as dma-bufs can. The mapping ends with the call and is no object of .NET.
    /// </summary>
    /// <param name="offset">Bytes from the file's beginning; what is written lies in the file.</param>
    /// <returns>0, or the errno with which the kernel refuses the mapping.</returns>
    public static int Write(Descriptor descriptor, ulong offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return 0;
        }

        // From the beginning: some GPU drivers count pages from the mapping's (msm_gem_fault of Linux), wherever it begins in the file.
        nuint length = (nuint)offset + (nuint)bytes.Length;
        void* address = Libc.mmap(null, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_NORESERVE, descriptor.Number, 0);
        GC.KeepAlive(descriptor);
        if ((nint)address == -1)
        {
            return Marshal.GetLastPInvokeError();
        }

        // The mapping is this call's, of just the length that is needed.
        bytes.CopyTo(new Span<byte>((byte*)address + offset, bytes.Length));
        _ = Libc.munmap(address, length);
        return 0;
    }

    protected override bool ReleaseHandle() => Libc.munmap((void*)handle, Length) == 0;
}
