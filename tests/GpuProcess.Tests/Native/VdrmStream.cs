using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Contexts;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>Builds streams of native-context commands as Mesa's virtio back ends do.</summary>
internal sealed class VdrmStream
{
    private readonly List<byte> _bytes = [];
    private uint _seqno;

    /// <summary>The number of the last command.</summary>
    public uint Seqno => _seqno;

    /// <summary>Appends a command: its structure, whose header is filled in here, and bytes behind it.</summary>
    /// <param name="answerAt">Where the answer goes.</param>
    public VdrmStream Add<T>(Enum command, T request, ReadOnlySpan<byte> tail = default, uint answerAt = 0)
        where T : unmanaged
    {
        int length = (Unsafe.SizeOf<T>() + tail.Length + 3) & ~3;
        byte[] bytes = new byte[length];
        MemoryMarshal.Write(bytes, request);
        tail.CopyTo(bytes.AsSpan(Unsafe.SizeOf<T>()));
        MemoryMarshal.Write(bytes, new VdrmCcmdReq
        {
            Cmd = Convert.ToUInt32(command, null),
            Len = (uint)length,
            Seqno = ++_seqno,
            RspOff = answerAt,
        });
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Takes what was built since the last time.</summary>
    public byte[] Take()
    {
        byte[] taken = [.. _bytes];
        _bytes.Clear();
        return taken;
    }

    public static byte[] Bytes<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}
