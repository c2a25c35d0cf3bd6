using SplitVmm.GpuProcess.Blobs;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// The page that a context shares with its guest: the number of the last command, the driver's counters, answers. The guest may
/// write to it at any moment, so nothing that was written here is ever read back to decide upon.
/// </summary>
internal sealed unsafe class SharedPage : IDisposable
{
    private readonly BlobMemory _memory;
    private readonly uint _headerSize;

    /// <param name="size">Bytes, at least <paramref name="headerSize"/>.</param>
    /// <param name="headerSize">Bytes of the driver's structure, which begins with <see cref="VdrmShmem"/>.</param>
    /// <exception cref="ErrnoException">The host refuses the memory.</exception>
    public SharedPage(ulong size, uint headerSize)
    {
        ulong bytes = (size + BlobResource.PageSize - 1) & ~(BlobResource.PageSize - 1);
        _memory = new BlobMemory(bytes);
        _headerSize = headerSize;
        AnswerRoom = (uint)size - headerSize;
        ((VdrmShmem*)_memory.Pointer)->RspMemOffset = headerSize;
    }

    public Descriptor File => _memory.File;

    /// <summary>Bytes for answers.</summary>
    public uint AnswerRoom { get; }

    /// <summary>Tells the guest that a command has been carried out; everything written before is there by then.</summary>
    public void Completed(uint seqno) => Volatile.Write(ref ((VdrmShmem*)_memory.Pointer)->Seqno, seqno);

    /// <summary>A word of the driver's structure.</summary>
    /// <param name="offset">Below the size of the structure, a multiple of 4.</param>
    public void WriteWord(int offset, uint value) => Volatile.Write(ref *(uint*)(_memory.Pointer + offset), value);

    /// <summary>Writes into the driver's structure.</summary>
    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, (int)_headerSize);
        // Inside the structure, as was just checked.
        bytes.CopyTo(new Span<byte>(_memory.Pointer + offset, bytes.Length));
    }

    /// <summary>Writes an answer as far as the guest has room for it, with its length.</summary>
    /// <param name="offset">With the answer's length inside <see cref="AnswerRoom"/>, a multiple of 4.</param>
    public void Answer(uint offset, ReadOnlySpan<byte> answer)
    {
        byte* at = _memory.Pointer + _headerSize + offset;
        // What the guest says of its room can only make the answer shorter; it is looked at once.
        uint room = Volatile.Read(ref *(uint*)at);
        int length = (int)Math.Min(room, (uint)answer.Length);
        if (length > sizeof(VdrmCcmdRsp))
        {
            answer[sizeof(VdrmCcmdRsp)..length].CopyTo(new Span<byte>(at + sizeof(VdrmCcmdRsp), length - sizeof(VdrmCcmdRsp)));
        }

        Volatile.Write(ref *(uint*)at, (uint)length);
    }

    public void Dispose() => _memory.Dispose();
}
