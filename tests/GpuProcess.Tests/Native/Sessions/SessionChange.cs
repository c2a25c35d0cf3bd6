namespace SplitVmm.GpuProcess.Tests.Native.Sessions;

/// <summary>What is done to a recorded session, one change. Numbers are taken modulo what there is.</summary>
/// <param name="At">Which command, or for changes of events which event.</param>
/// <param name="Place">Which word of the command, or another command or event.</param>
internal readonly record struct SessionChange(SessionChangeKind Kind, int At, int Place, uint Value);

internal enum SessionChangeKind
{
    /// <summary>One bit of one word.</summary>
    FlipBit,

    /// <summary>A word becomes one of those at which programs go wrong.</summary>
    Edge,
    Word,

    /// <summary>A word becomes one of another command: an id, an address, a size that is known, but not here.</summary>
    WordOfAnother,

    /// <summary>Another command's number, with this one's fields.</summary>
    Command,

    /// <summary>Shorter or longer, and saying so.</summary>
    Length,

    /// <summary>All but the header.</summary>
    Rubbish,
    RepeatCommand,
    LeaveCommand,

    /// <summary>Another command follows it.</summary>
    Graft,
    RepeatEvent,
    LeaveEvent,
    SwapEvents,

    /// <summary>It happens in, or to, another context.</summary>
    Context,

    /// <summary>It happens to another resource, or ring.</summary>
    Resource,
    BlobId,
    Size,
    Flags,
}
