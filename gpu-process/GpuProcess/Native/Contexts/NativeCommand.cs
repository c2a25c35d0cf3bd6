using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>One command of a stream. The bytes are a copy of ours, which the guest cannot change.</summary>
internal readonly ref struct NativeCommand
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">All of it, at least a header.</param>
    public NativeCommand(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        Header = MemoryMarshal.Read<VdrmCcmdReq>(bytes);
    }

    public VdrmCcmdReq Header { get; }

    /// <summary>Bytes, the header included.</summary>
    public int Length => _bytes.Length;

    /// <summary>The command as its structure. What an older guest does not send is zero.</summary>
    public T Read<T>()
        where T : unmanaged
    {
        T value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        _bytes[..Math.Min(bytes.Length, _bytes.Length)].CopyTo(bytes);
        return value;
    }

    /// <summary>What follows the structure.</summary>
    public ReadOnlySpan<byte> TailOf<T>()
        where T : unmanaged => _bytes[Math.Min(Unsafe.SizeOf<T>(), _bytes.Length)..];

    /// <summary>Reads a structure out of the tail of another one.</summary>
    /// <param name="tail">Of <see cref="TailOf{T}"/>; shortened by what was read.</param>
    public static bool TryTake<T>(ref ReadOnlySpan<byte> tail, out T value)
        where T : unmanaged
    {
        bool there = MemoryMarshal.TryRead(tail, out value);
        tail = there ? tail[Unsafe.SizeOf<T>()..] : tail;
        return there;
    }
}
