using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// Memory for one array that an ioctl points to, used again and again. What the kernel is shown stands here, built anew, and never
/// in what the guest has sent.
/// </summary>
internal sealed unsafe class NativeScratch : IDisposable
{
    private const nuint Alignment = 64;

    private void* _pointer;
    private nuint _size;

    ~NativeScratch() => Dispose();

    /// <summary>Room for some elements, filled with zeroes. The caller has bounded the count.</summary>
    public Span<T> Take<T>(int count)
        where T : unmanaged
    {
        nuint needed = (nuint)Math.Max(count, 1) * (nuint)sizeof(T);
        if (needed > _size)
        {
            NativeMemory.AlignedFree(_pointer);
            _pointer = null;
            _size = System.Numerics.BitOperations.RoundUpToPowerOf2(needed);
            _pointer = NativeMemory.AlignedAlloc(_size, Alignment);
        }

        NativeMemory.Clear(_pointer, needed);
        // Alive until the next call, or the end of this object.
        return new Span<T>(_pointer, count);
    }

    /// <summary>What was taken last, as the kernel is told of it.</summary>
    public ulong Address => (ulong)_pointer;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        _size = 0;
    }
}
