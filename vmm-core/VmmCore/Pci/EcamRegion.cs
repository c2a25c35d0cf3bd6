using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// The enhanced configuration access mechanism (PCI Express Base 3.0 section 7.2.2): 256 buses of 1 MiB. Bits
/// 27:20 of the offset name the bus, 19:15 the device, 14:12 the function, 11:0 the register.
/// </summary>
public sealed class EcamRegion(IPciConfigSpace space) : IMmioRegion
{
    public void Read(ulong offset, Span<byte> data) =>
        space.ReadConfig(Bus(offset), DeviceFunction(offset), Register(offset), data);

    public void Write(ulong offset, ReadOnlySpan<byte> data) =>
        space.WriteConfig(Bus(offset), DeviceFunction(offset), Register(offset), data);

    private static byte Bus(ulong offset) => (byte)(offset >> 20);

    private static byte DeviceFunction(ulong offset) => (byte)(offset >> 12);

    private static int Register(ulong offset) => (int)(offset & 0xFFF);
}
