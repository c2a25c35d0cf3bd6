namespace SplitVmm.Platform.Sockets;

/// <summary>What a non-blocking socket call came to.</summary>
public enum SocketStatus
{
    Done,

    /// <summary>Try again when the event loop says so.</summary>
    WouldBlock,

    /// <summary>The peer has closed its end.</summary>
    Closed,

    /// <summary>Bytes or descriptors of the message did not fit and are lost.</summary>
    Truncated,
}
