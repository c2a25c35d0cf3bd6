namespace SplitVmm.VmmCore.Input;

/// <summary>A set of event codes as the bitmap that virtio-input and evdev use: code n is bit n % 8 of byte n / 8.</summary>
public sealed class CodeSet
{
    /// <summary>Bytes of the largest bitmap (virtio 1.3 section 5.8.4).</summary>
    public const int Capacity = 128;

    private const int BitsPerByte = 8;

    private readonly byte[] _bits = new byte[Capacity];

    /// <summary>The bitmap up to the last byte that is not zero.</summary>
    public ReadOnlySpan<byte> Bytes => _bits.AsSpan(0, _bits.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);

    public bool Contains(int code) =>
        (uint)code < Capacity * BitsPerByte && (_bits[code / BitsPerByte] & (1 << (code % BitsPerByte))) != 0;

    public void Add(int code) => _bits[code / BitsPerByte] |= (byte)(1 << (code % BitsPerByte));

    public void Remove(int code) => _bits[code / BitsPerByte] &= (byte)~(1 << (code % BitsPerByte));

    public void Clear() => Array.Clear(_bits);
}
