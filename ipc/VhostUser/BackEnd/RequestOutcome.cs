using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>What a request came to, for the session to answer.</summary>
/// <param name="Fault">What was wrong, in one line; null if nothing.</param>
/// <param name="IsFatal">The front end cannot be followed further: the connection ends.</param>
/// <param name="HasReply">Whether <paramref name="Reply"/> is to be sent, even if it is empty.</param>
/// <param name="Reply">The payload of the answer; valid until the next request.</param>
/// <param name="ReplyDescriptor">Sent with the answer and then closed.</param>
internal readonly record struct RequestOutcome(
    string? Fault, bool IsFatal, bool HasReply, ReadOnlyMemory<byte> Reply, Descriptor? ReplyDescriptor)
{
    public static RequestOutcome Done => default;

    /// <summary>The request is well formed but cannot be done. With REPLY_ACK the connection goes on.</summary>
    public static RequestOutcome Refused(string fault) => new(fault, false, false, default, null);

    /// <summary>The request is not what the specification lets a front end send.</summary>
    public static RequestOutcome Fatal(string fault) => new(fault, true, false, default, null);

    public static RequestOutcome Answer(ReadOnlyMemory<byte> reply, Descriptor? descriptor = null) =>
        new(null, false, true, reply, descriptor);

    /// <summary>Refused, where the specification has an empty payload say so.</summary>
    public static RequestOutcome RefusedByEmptyAnswer(string fault) => new(fault, false, true, default, null);

    /// <summary>Done, or refused for a reason.</summary>
    public static RequestOutcome From(string? fault) => fault is null ? Done : Refused(fault);
}
