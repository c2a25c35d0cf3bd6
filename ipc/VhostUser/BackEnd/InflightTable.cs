using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// The in-flight table of a connection ("Inflight I/O tracking"): one record for each queue, one after the other,
/// in a memfd that the front end keeps over the death of this process.
/// </summary>
internal sealed class InflightTable : IDisposable
{
    private readonly SharedMapping _mapping;
    private readonly InflightRegion[] _regions;

    private InflightTable(SharedMapping mapping, int queues, int queueSize)
    {
        _mapping = mapping;
        _regions = new InflightRegion[queues];
        for (int i = 0; i < queues; i++)
        {
            _regions[i] = new InflightRegion(mapping, (nuint)i * (nuint)InflightRegion.BytesFor(queueSize), queueSize);
        }
    }

    /// <summary>Makes an empty table, for GET_INFLIGHT_FD.</summary>
    public static MemFd CreateFile(int queues, int queueSize, out ulong bytes)
    {
        bytes = (ulong)queues * InflightRegion.BytesFor(queueSize);
        return MemFd.Create("vhost-user-inflight", (long)bytes, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
    }

    /// <summary>Maps the table that a front end hands back, for SET_INFLIGHT_FD.</summary>
    public static string? TryMap(in VhostUserInflight description, Descriptor file, int maxQueues, out InflightTable? table)
    {
        table = null;
        if (description.NumQueues == 0 || description.NumQueues > maxQueues || !SplitRing.IsValidSize(description.QueueSize))
        {
            return $"an in-flight table for {description.NumQueues} queues of {description.QueueSize}";
        }

        ulong bytes = description.NumQueues * InflightRegion.BytesFor(description.QueueSize);
        bool fits = FileFacts.TryGet(file, out FileFacts facts) && facts.IsRegular && description.MmapSize >= bytes
            && description.MmapOffset <= (ulong)facts.Size && bytes <= (ulong)facts.Size - description.MmapOffset;
        if (!fits)
        {
            return $"an in-flight table of 0x{description.MmapSize:x} bytes does not hold what it should, or its file is shorter";
        }

        try
        {
            var mapping = SharedMapping.Create(file, (long)description.MmapOffset, (nuint)bytes);
            table = new InflightTable(mapping, description.NumQueues, description.QueueSize);
            return null;
        }
        catch (ErrnoException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>The record of a queue; null if the table has none for it.</summary>
    public InflightRegion? Find(int queue) => queue < _regions.Length ? _regions[queue] : null;

    /// <summary>Forgets everything, as a reset of the device does.</summary>
    public void Clear() => Array.ForEach(_regions, static region => region.Clear());

    public void Dispose() => _mapping.Dispose();
}
