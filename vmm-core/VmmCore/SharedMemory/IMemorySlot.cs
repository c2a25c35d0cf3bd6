namespace SplitVmm.VmmCore.SharedMemory;

/// <summary>One range of host memory that the guest sees as physical memory, or not. From any thread.</summary>
public unsafe interface IMemorySlot
{
    /// <summary>Shows the memory; the slot is empty.</summary>
    /// <param name="host">Readable and writable for <paramref name="size"/> bytes for the life of the machine.</param>
    void Place(ulong guestAddress, ulong size, byte* host);

    /// <summary>Accesses there leave KVM from now on.</summary>
    void Remove();
}
