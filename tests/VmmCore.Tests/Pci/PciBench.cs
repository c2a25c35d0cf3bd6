using System.Buffers.Binary;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Memory;
using SplitVmm.VmmCore.Pci;

namespace SplitVmm.VmmCore.Tests.Pci;

/// <summary>A PCI topology on a memory bus with pretended KVM parts, and the accesses that a guest makes.</summary>
internal sealed class PciBench : IDisposable
{
    public const ulong Window64Start = 0x10_0000_0000;
    public const ulong Window64Size = 0x10_0000_0000;

    public PciBench()
    {
        Topology = new PciTopology(
            Memory,
            new AddressWindow(AddressMap.PciWindow32Start, AddressMap.PciWindow32Size),
            new AddressWindow(Window64Start, Window64Size),
            Routes,
            Doorbells);
        Memory.TryAdd(AddressMap.EcamStart, AddressMap.EcamSize, Topology.Ecam);
    }

    public AddressBus Memory { get; } = new();

    public FakeInterruptRoutes Routes { get; } = new();

    public FakeDoorbells Doorbells { get; } = new();

    public PciTopology Topology { get; }

    public static ulong EcamAddress(int device, int register) =>
        AddressMap.EcamStart + ((ulong)device << 15) + (ulong)register;

    public uint ReadConfig(int device, int register, int width = 4) => Read(EcamAddress(device, register), width);

    public void WriteConfig(int device, int register, uint value, int width = 4) =>
        Write(EcamAddress(device, register), value, width);

    public uint Read(ulong address, int width = 4)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        Memory.Read(address, bytes[..width]);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public void Write(ulong address, uint value, int width = 4)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Memory.Write(address, bytes[..width]);
    }

    public void EnableMemory(int device, bool enabled = true) => WriteConfig(device, 0x04, enabled ? 6u : 0, 2);

    public uint BarRegister(int device, int index) => ReadConfig(device, 0x10 + (4 * index));

    public void SetBarRegister(int device, int index, uint value) => WriteConfig(device, 0x10 + (4 * index), value);

    /// <summary>Offsets of the capabilities in list order.</summary>
    public List<int> Capabilities(int device)
    {
        List<int> found = [];
        for (int at = (int)ReadConfig(device, 0x34, 1); at != 0 && found.Count < 48; at = (int)ReadConfig(device, at + 1, 1))
        {
            found.Add(at);
        }

        return found;
    }

    public void Dispose() => Topology.Dispose();
}
