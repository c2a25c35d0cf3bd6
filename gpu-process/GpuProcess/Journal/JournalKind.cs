namespace SplitVmm.GpuProcess.Journal;

/// <summary>Kinds of records. The numbers are those of the memory; a change of meaning is a new version.</summary>
internal enum JournalKind : byte
{
    None = 0,

    /// <summary>A resource: <see cref="ResourceRecord"/>. Owner: its id.</summary>
    Resource = 1,

    /// <summary>Its guest pages: <see cref="BackingRecord"/>. Owner: the resource.</summary>
    Backing = 2,

    /// <summary>The UUID that was given out for it, 16 bytes. Owner: the resource.</summary>
    Uuid = 3,

    /// <summary>What a scanout shows: <see cref="ScanoutRecord"/>. Owner: the scanout.</summary>
    Scanout = 4,

    /// <summary>A context: <see cref="ContextRecord"/>. Owner: its id.</summary>
    Context = 5,

    /// <summary>A resource attached to a context, no bytes. Owner: the context; index: the resource.</summary>
    Attachment = 6,

    /// <summary>A context that cannot be restored, no bytes. Owner: the context.</summary>
    LostContext = 7,

    /// <summary>A command of a context's stream, as the guest sent it (<see cref="Replay.VirglItem"/>). Owner: the context.</summary>
    Command = 8,

    /// <summary>Copies from guest pages: a list of <see cref="Replay.UploadSet.Upload"/>. Owner: the resource.</summary>
    Uploads = 9,

    /// <summary>
    /// Contents of a part of a resource: a <see cref="Replay.UploadSet.Upload"/>, whose offset counts for nothing, and
    /// the bytes. Owner: the resource; index: where the part begins (<see cref="Replay.TileSet"/>).
    /// </summary>
    Tile = 10,

    /// <summary>A blob of guest memory: a <see cref="BlobRecord"/> and its pages as in a <see cref="Backing"/>. Owner: its id.</summary>
    Blob = 11,

    /// <summary>What a scanout shows of a blob: <see cref="BlobScanoutRecord"/>. Owner: the scanout.</summary>
    BlobScanout = 12,

    /// <summary>A mapped page of a native context: <see cref="PageRecord"/>. Owner: its resource.</summary>
    Page = 13,
}
