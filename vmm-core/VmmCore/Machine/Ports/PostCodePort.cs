using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Machine.Ports;

/// <summary>Port 0x80, to which PCs write progress codes and Linux writes to pass the time. Remembers the last one.</summary>
internal sealed class PostCodePort : IMmioRegion
{
    public const ushort Port = 0x80;

    private volatile byte _code;

    public byte Code => _code;

    public void Read(ulong offset, Span<byte> data) => data.Fill(_code);

    public void Write(ulong offset, ReadOnlySpan<byte> data) => _code = data[0];
}
