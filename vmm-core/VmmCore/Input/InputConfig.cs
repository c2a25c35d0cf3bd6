using System.Runtime.InteropServices;
using static SplitVmm.VmmCore.Input.VirtioInputConfigSelect;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// <c>struct virtio_input_config</c> (virtio 1.3 section 5.8.4): the driver writes what it asks about, and reads
/// the answer:
/// <code>
///  0        1        2      3              8                                  136
///  | select | subsel | size | reserved [5] | string, bitmap, abs or ids [128] |
/// </code>
/// </summary>
internal sealed class InputConfig(InputProfile profile)
{
    public const int Length = AnswerOffset + CodeSet.Capacity;

    private const int SubselOffset = 1;
    private const int SizeOffset = 2;
    private const int AnswerOffset = 8;

    private readonly byte[] _bytes = new byte[Length];

    public void Read(int offset, Span<byte> data) => _bytes.AsSpan(offset, data.Length).CopyTo(data);

    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length && offset + i <= SubselOffset; i++)
        {
            _bytes[offset + i] = data[i];
        }

        if (offset <= SubselOffset)
        {
            Answer();
        }
    }

    public void Reset() => Array.Clear(_bytes);

    private void Answer()
    {
        Span<byte> answer = _bytes.AsSpan(AnswerOffset);
        answer.Clear();
        _bytes[SizeOffset] = (byte)Fill((VirtioInputConfigSelect)_bytes[0], _bytes[SubselOffset], answer);
    }

    /// <returns>Bytes of the answer: 0 if there is none for this pair of select and subsel.</returns>
    private int Fill(VirtioInputConfigSelect select, byte subsel, Span<byte> answer)
    {
        switch (select)
        {
            case VIRTIO_INPUT_CFG_ID_NAME when subsel == 0:
                return Copy(profile.Name.Span, answer);
            case VIRTIO_INPUT_CFG_ID_SERIAL when subsel == 0:
                return Copy(profile.Serial.Span, answer);
            case VIRTIO_INPUT_CFG_ID_DEVIDS when subsel == 0:
                return Copy(Bytes(profile.Ids), answer);
            case VIRTIO_INPUT_CFG_PROP_BITS when subsel == 0:
                return Copy(profile.Properties.Bytes, answer);
            case VIRTIO_INPUT_CFG_EV_BITS when profile.Codes(subsel) is { } codes:
                return Copy(codes.Bytes, answer);
            case VIRTIO_INPUT_CFG_ABS_INFO when profile.TryGetAxis(subsel, out VirtioInputAbsInfo axis):
                return Copy(Bytes(axis), answer);
            default:
                return 0;
        }
    }

    private static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    private static int Copy(ReadOnlySpan<byte> source, Span<byte> answer)
    {
        source.CopyTo(answer);
        return source.Length;
    }
}
