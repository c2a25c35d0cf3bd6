namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary>Values of <see cref="VDAgentMessage.Type"/> (<c>vd_agent.h</c>): those that have to do with the clipboard.</summary>
public enum VDAgentMessageType : uint
{
    /// <summary>The contents: selection, <see cref="VDAgentClipboardType"/>, bytes.</summary>
    VD_AGENT_CLIPBOARD = 4,

    /// <summary>A word that is 1 if an answer is wanted, then the bits of <see cref="VDAgentCapabilities"/>.</summary>
    VD_AGENT_ANNOUNCE_CAPABILITIES = 6,

    /// <summary>This side has something new: selection, the types that it can give.</summary>
    VD_AGENT_CLIPBOARD_GRAB = 7,

    /// <summary>Asks for the contents: selection, type.</summary>
    VD_AGENT_CLIPBOARD_REQUEST = 8,

    /// <summary>What was grabbed is there no more: selection.</summary>
    VD_AGENT_CLIPBOARD_RELEASE = 9,

    /// <summary>Bytes that this side takes at most; a signed word.</summary>
    VD_AGENT_MAX_CLIPBOARD = 14,
}
