using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>Room for one command stream, used again and again; it grows to the largest stream seen.</summary>
internal sealed unsafe class SubmitBuffer(uint limit) : IDisposable
{
    // Mesa's virgl driver submits up to 256 KiB at once.
    private const uint Initial = 256u << 10;
    private const nuint Alignment = 64;

    private byte* _pointer = (byte*)NativeMemory.AlignedAlloc(Initial, Alignment);
    private uint _size = Initial;

    ~SubmitBuffer() => Dispose();

    /// <summary>The room; aligned as renderers like it.</summary>
    public byte* Pointer => _pointer;

    /// <summary>Makes room for so many bytes; false if that is above the limit or the host has no memory.</summary>
    public bool TryReserve(uint bytes)
    {
        if (bytes <= _size)
        {
            return true;
        }

        if (bytes > limit)
        {
            return false;
        }

        uint size = Math.Min(limit, System.Numerics.BitOperations.RoundUpToPowerOf2(bytes));
        try
        {
            var larger = (byte*)NativeMemory.AlignedAlloc(size, Alignment);
            NativeMemory.AlignedFree(_pointer);
            _pointer = larger;
            _size = size;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        _size = 0;
    }
}
