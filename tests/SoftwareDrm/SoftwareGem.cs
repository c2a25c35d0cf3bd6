using SplitVmm.Platform.Descriptors;

namespace SplitVmm.SoftwareDrm;

/// <summary>A GEM object: a memfd, which is also its dma-buf.</summary>
internal sealed class SoftwareGem
{
    private int _users;

    /// <param name="memory">Owned from here on.</param>
    public SoftwareGem(Descriptor memory, ulong size)
    {
        Memory = memory;
        Size = size;
        Identity = FileIdentity.Of(memory);
    }

    public Descriptor Memory { get; }

    public ulong Size { get; }

    public FileIdentity Identity { get; }

    /// <summary>The last work that used it; null: none.</summary>
    public SoftwareFence? LastUse { get; private set; }

    public static SoftwareGem Create(ulong size) =>
        new(MemFd.Create("software-gem", (long)size, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW), size);

    public void UsedBy(SoftwareFence fence)
    {
        LastUse?.RemoveUser();
        LastUse = fence.AddUser();
    }

    public SoftwareGem AddUser()
    {
        _users++;
        return this;
    }

    /// <returns>Whether it was the last one.</returns>
    public bool RemoveUser()
    {
        if (--_users > 0)
        {
            return false;
        }

        LastUse?.RemoveUser();
        Memory.Dispose();
        return true;
    }
}
