namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary>What one side can do: the bits of <c>vd_agent.h</c> that have to do with the clipboard.</summary>
[Flags]
public enum VDAgentCapabilities : uint
{
    None = 0,

    /// <summary>Contents go over when they are asked for, not when they are copied.</summary>
    VD_AGENT_CAP_CLIPBOARD_BY_DEMAND = 1 << 5,

    /// <summary>Four bytes that say which selection come before everything about the clipboard.</summary>
    VD_AGENT_CAP_CLIPBOARD_SELECTION = 1 << 6,

    /// <summary>The guest's lines end in CR LF.</summary>
    VD_AGENT_CAP_GUEST_LINEEND_CRLF = 1 << 9,

    /// <summary>It keeps to <see cref="VDAgentMessageType.VD_AGENT_MAX_CLIPBOARD"/>.</summary>
    VD_AGENT_CAP_MAX_CLIPBOARD = 1 << 10,

    /// <summary>No release comes before another grab.</summary>
    VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB = 1 << 16,
}
