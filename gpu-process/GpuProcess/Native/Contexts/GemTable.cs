using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Devices;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>
/// The GEM objects of one context. One that a command has made waits under its blob id until the guest makes a resource of
/// it; from then on commands name it by the resource. Handles are counted: the kernel gives the same one again for an object
/// that the file has already, and closing is for all.
/// </summary>
internal sealed class GemTable(IDrmFile file, NativeLimits limits, NativeStatistics statistics)
{
    private readonly Dictionary<uint, GemObject> _blobs = [];
    private readonly Dictionary<uint, GemObject> _resources = [];
    private readonly Dictionary<uint, int> _handles = [];

    /// <summary>Something stays in the file that the kernel would not close.</summary>
    public bool HasLeftovers { get; private set; }

    public int Count => _blobs.Count + _resources.Count;

    /// <summary>The handles of what every submission uses.</summary>
    public HashSet<uint> AlwaysUsed { get; } = [];

    /// <summary>Whether a command may make an object of so many bytes under a blob id.</summary>
    public bool MayMake(uint blobId, ulong size) =>
        blobId != 0 && size != 0 && !_blobs.ContainsKey(blobId) && Count < limits.MaxObjects
        && size <= limits.MaxBytes - Math.Min(statistics.Bytes, limits.MaxBytes);

    /// <summary>Takes an object that a command has made, after <see cref="MayMake"/>.</summary>
    public void Made(GemObject made)
    {
        statistics.Bytes += made.Size;
        if (made.IsAlwaysUsed)
        {
            _ = AlwaysUsed.Add(made.Handle);
        }

        _blobs.Add(made.BlobId, made);
        Count1(made.Handle);
    }

    /// <summary>Takes an object that came from another context.</summary>
    public void Imported(uint resourceId, GemObject imported)
    {
        _resources.Add(resourceId, imported);
        Count1(imported.Handle);
    }

    public bool MayImport(uint resourceId) => !_resources.ContainsKey(resourceId) && Count < limits.MaxObjects;

    /// <summary>The object that waits under a blob id.</summary>
    public bool TryGetBlob(uint blobId, [NotNullWhen(true)] out GemObject? found) => _blobs.TryGetValue(blobId, out found);

    /// <summary>Makes an object that waits known by its resource.</summary>
    public void BecameResource(GemObject found, uint resourceId)
    {
        _ = _blobs.Remove(found.BlobId);
        _resources.Add(resourceId, found);
    }

    public bool TryGet(uint resourceId, [NotNullWhen(true)] out GemObject? found) => _resources.TryGetValue(resourceId, out found);

    /// <summary>The handle of a resource's object; 0, which is none of the kernel's, if there is no such object.</summary>
    public uint HandleOf(uint resourceId) => _resources.TryGetValue(resourceId, out GemObject? found) ? found.Handle : 0;

    /// <summary>The context no longer has the resource.</summary>
    public void Remove(uint resourceId)
    {
        if (_resources.Remove(resourceId, out GemObject? removed))
        {
            Release(removed);
        }
    }

    /// <summary>Closes an object that was made for a command that then failed, and is in no table.</summary>
    public void Close(uint handle) => HasLeftovers |= file.CloseGem(handle) != 0;

    /// <summary>Closes everything.</summary>
    public void Clear()
    {
        foreach (GemObject left in _blobs.Values)
        {
            Release(left);
        }

        foreach (GemObject left in _resources.Values)
        {
            Release(left);
        }

        _blobs.Clear();
        _resources.Clear();
    }

    private void Count1(uint handle)
    {
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_handles, handle, out _);
        count++;
    }

    private void Release(GemObject released)
    {
        if (released.IsOwn)
        {
            statistics.Bytes -= released.Size;
            _ = AlwaysUsed.Remove(released.Handle);
        }

        ref int count = ref CollectionsMarshal.GetValueRefOrNullRef(_handles, released.Handle);
        if (--count > 0)
        {
            return;
        }

        _ = _handles.Remove(released.Handle);
        Close(released.Handle);
    }
}
