namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary>What clipboard contents are (<c>vd_agent.h</c>): text and nothing else is exchanged here.</summary>
public enum VDAgentClipboardType : uint
{
    /// <summary>As an answer: there is nothing.</summary>
    VD_AGENT_CLIPBOARD_NONE = 0,

    VD_AGENT_CLIPBOARD_UTF8_TEXT = 1,
}
