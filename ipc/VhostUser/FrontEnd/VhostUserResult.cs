namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>What a request to the back end came to.</summary>
public enum VhostUserResult
{
    /// <summary>Done; where REPLY_ACK was negotiated, the back end has said so.</summary>
    Done,

    /// <summary>The back end refused it, or lacks the protocol feature that it needs. The connection goes on.</summary>
    Refused,

    /// <summary>The connection is lost: closed by the back end, broken by a wrong reply, or too slow.</summary>
    Lost,
}
