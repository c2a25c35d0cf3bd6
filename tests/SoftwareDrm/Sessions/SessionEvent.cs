namespace SplitVmm.SoftwareDrm.Sessions;

/// <summary>One thing that a guest has done. What a kind does not need is 0, and not in the file.</summary>
/// <param name="Resource">Of a fence: its ring.</param>
/// <param name="Stream">Commands.</param>
internal sealed record SessionEvent(SessionEventKind Kind, uint Context, uint Resource, ulong BlobId, ulong Size, uint Flags, byte[] Stream)
{
    public SessionEvent(SessionEventKind kind, uint context, uint resource = 0)
        : this(kind, context, resource, 0, 0, 0, [])
    {
    }

    public SessionEvent(uint context, ReadOnlySpan<byte> stream)
        : this(SessionEventKind.Submit, context, 0, 0, 0, 0, stream.ToArray())
    {
    }
}
