namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary>What is done with the messages that a <see cref="VDAgentReader"/> puts together.</summary>
internal interface IVDAgentHandler
{
    /// <summary>A whole message. The span is valid during the call only.</summary>
    /// <returns>Null, or what is wrong with it; nothing is read after that.</returns>
    string? OnMessage(VDAgentMessageType type, ReadOnlySpan<byte> body);

    /// <summary>A message begins that is too large, and is passed over.</summary>
    void OnTooLarge(VDAgentMessageType type, uint size);
}
