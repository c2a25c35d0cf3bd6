using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>
/// One request and its response. The header is fetched once; the rest follows by <see cref="TryRead{T}"/>, so
/// that a guest that changes it meanwhile changes nothing that was decided upon.
/// </summary>
internal ref struct GpuExchange
{
    private readonly VirtioGpuCtrlHdr _header;
    private ChainReader _reader;
    private ChainWriter _writer;

    private GpuExchange(scoped in VirtioGpuCtrlHdr header, ChainReader reader, ChainWriter writer)
    {
        _header = header;
        _reader = reader;
        _writer = writer;
    }

    /// <summary>What the guest wants.</summary>
    public readonly VirtioGpuCtrlHdr Header => _header;

    /// <summary>What follows the structure that was read.</summary>
    [UnscopedRef]
    public ref ChainReader Tail => ref _reader;

    /// <summary>Bytes of the response so far.</summary>
    public readonly uint Written => _writer.Written;

    /// <summary>Opens a chain; false if it is shorter than a header, and the answer is then an error.</summary>
    public static bool TryOpen(DescriptorChain chain, out GpuExchange exchange)
    {
        ChainReader reader = chain.CreateReader();
        bool complete = reader.TryRead(out VirtioGpuCtrlHdr header);
        exchange = new GpuExchange(header, reader, chain.CreateWriter());
        return complete;
    }

    /// <summary>Reads the request's structure, which begins with the header that was read already.</summary>
    public bool TryRead<T>(out T request)
        where T : unmanaged
    {
        request = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref request));
        MemoryMarshal.Write(bytes, in _header);
        return _reader.TryRead(bytes[Unsafe.SizeOf<VirtioGpuCtrlHdr>()..]);
    }

    /// <summary>Answers with a structure that begins with a header, which is filled in here.</summary>
    /// <returns>The kind of the response; VIRTIO_GPU_RESP_ERR_UNSPEC if the guest left no room for it.</returns>
    public VirtioGpuCtrlType Reply<T>(VirtioGpuCtrlType type, ref T response)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref response));
        MemoryMarshal.Write(bytes, MakeHeader(type));
        return _writer.TryWrite(bytes) ? type : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC;
    }

    /// <summary>Answers with a header and bytes.</summary>
    /// <returns>As <see cref="Reply{T}"/>.</returns>
    public VirtioGpuCtrlType Reply(VirtioGpuCtrlType type, ReadOnlySpan<byte> payload)
    {
        if (_writer.Remaining < Unsafe.SizeOf<VirtioGpuCtrlHdr>() + payload.Length)
        {
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        _ = _writer.TryWrite(MakeHeader(type));
        _ = _writer.TryWrite(payload);
        return type;
    }

    /// <summary>Answers with a bare header, unless a reply was written; without room for one, with nothing.</summary>
    public void Finish(VirtioGpuCtrlType type)
    {
        if (_writer.Written == 0)
        {
            _ = _writer.TryWrite(MakeHeader(type));
        }
    }

    private readonly VirtioGpuCtrlHdr MakeHeader(VirtioGpuCtrlType type)
    {
        var header = new VirtioGpuCtrlHdr { Type = type };
        if ((_header.Flags & VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE) != 0)
        {
            header.Flags = _header.Flags & (VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE | VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX);
            header.FenceId = _header.FenceId;
            header.CtxId = _header.CtxId;
            header.RingIdx = _header.RingIdx;
        }

        return header;
    }
}
