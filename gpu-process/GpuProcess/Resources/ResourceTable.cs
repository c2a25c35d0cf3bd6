using System.Diagnostics.CodeAnalysis;

namespace SplitVmm.GpuProcess.Resources;

/// <summary>All resources of the guest, and what they use of the limits.</summary>
internal sealed class ResourceTable(ResourceLimits limits)
{
    private readonly Dictionary<uint, GpuResource> _resources = [];

    public ResourceLimits Limits { get; } = limits;

    public int Count => _resources.Count;

    /// <summary>Bytes of all 2D resources on the host.</summary>
    public ulong HostBytes { get; private set; }

    /// <summary>Entries of all backings.</summary>
    public ulong BackingEntries { get; private set; }

    public Dictionary<uint, GpuResource>.ValueCollection All => _resources.Values;

    public bool TryGet(uint id, [NotNullWhen(true)] out GpuResource? resource) => _resources.TryGetValue(id, out resource);

    /// <summary>Whether one more resource may be made that takes so many bytes of the 2D budget.</summary>
    public bool HasRoomFor(ulong hostBytes) =>
        _resources.Count < Limits.MaxResources && hostBytes <= Limits.MaxHostMemory - Math.Min(HostBytes, Limits.MaxHostMemory);

    public bool HasRoomForBacking(uint entries) =>
        entries <= Limits.MaxBackingEntries && BackingEntries + entries <= Limits.MaxTotalBackingEntries;

    public void Add(GpuResource resource)
    {
        _resources.Add(resource.Id, resource);
        HostBytes += resource.HostBytes;
    }

    public void Remove(GpuResource resource)
    {
        if (_resources.Remove(resource.Id))
        {
            HostBytes -= resource.HostBytes;
        }
    }

    /// <summary>Gives a resource its backing, which it has none of yet.</summary>
    public void SetBacking(GpuResource resource, GuestBacking backing)
    {
        resource.Backing = backing;
        BackingEntries += backing.EntryCount;
    }

    /// <summary>Takes the backing away and frees it; the renderer has let go of it before.</summary>
    public void DropBacking(GpuResource resource)
    {
        if (resource.Backing is { } backing)
        {
            BackingEntries -= backing.EntryCount;
            resource.Backing = null;
            // It may be of these pages.
            resource.DropExport();
            backing.Dispose();
        }
    }
}
