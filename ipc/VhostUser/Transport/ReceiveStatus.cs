namespace SplitVmm.VhostUser.Transport;

/// <summary>What <see cref="MessageChannel.Receive"/> came to.</summary>
internal enum ReceiveStatus
{
    /// <summary>A whole message is there.</summary>
    Message,

    /// <summary>The rest of the message has not arrived yet.</summary>
    Incomplete,

    /// <summary>The peer closed the connection between two messages.</summary>
    Closed,

    /// <summary>The bytes are no message (<see cref="MessageChannel.Fault"/>). The stream cannot be followed further.</summary>
    Malformed,
}
