namespace SplitVmm.SoftwareDrm.Sessions;

/// <summary>What a guest does with native contexts. The numbers are those in the files.</summary>
internal enum SessionEventKind : byte
{
    /// <summary>A stream of commands.</summary>
    Submit,
    CreateContext,
    DestroyContext,

    /// <summary>A resource of memory that a command has made, or of a context's page.</summary>
    CreateBlob,

    /// <summary>The resource is mapped for the guest.</summary>
    Export,

    /// <summary>A context takes a resource.</summary>
    Attach,
    Detach,

    /// <summary>A fence of a ring; the resource's field has the ring.</summary>
    Fence,
    DestroyResource,
}
