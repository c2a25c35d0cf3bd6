using SplitVmm.VmmCore.SharedMemory;

namespace SplitVmm.VmmCore.Tests.SharedMemory;

/// <summary>A memory slot without KVM: the test is the guest.</summary>
internal sealed unsafe class FakeSlot : IMemorySlot
{
    public byte* Host { get; private set; }

    public ulong Size { get; private set; }

    public ulong? Address { get; private set; }

    public int Changes { get; private set; }

    public Span<byte> At(ulong offset, int length) => new(Host + offset, length);

    public void Place(ulong guestAddress, ulong size, byte* host)
    {
        Changes++;
        Address = guestAddress;
        Size = size;
        Host = host;
    }

    public void Remove()
    {
        Changes++;
        Address = null;
    }
}
