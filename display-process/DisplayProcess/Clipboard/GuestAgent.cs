using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Clipboard.Vdagent;
using SplitVmm.Wires.Agent;
using static SplitVmm.DisplayProcess.Clipboard.Vdagent.VDAgentCapabilities;
using static SplitVmm.DisplayProcess.Clipboard.Vdagent.VDAgentMessageType;

namespace SplitVmm.DisplayProcess.Clipboard;

/// <summary>
/// One session with the guest's agent: what it can do, and the messages to it. In a session either side tells the other
/// when something was copied, and hands it over when it is asked.
/// </summary>
internal sealed class GuestAgent(AgentWireClient wire)
{
    /// <summary>The selection of copy and paste; the others are those of X's middle button.</summary>
    public const byte VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD = 0;

    private const VDAgentCapabilities Ours = VD_AGENT_CAP_CLIPBOARD_BY_DEMAND | VD_AGENT_CAP_CLIPBOARD_SELECTION
        | VD_AGENT_CAP_MAX_CLIPBOARD | VD_AGENT_CAP_CLIPBOARD_NO_RELEASE_ON_REGRAB;

    private const int SelectionLength = 4;

    private readonly VDAgentWriter _writer = new(wire);

    /// <summary>What it has announced; null: nothing yet.</summary>
    public VDAgentCapabilities? Capabilities { get; private set; }

    /// <summary>It has said that it does what is done here.</summary>
    public bool CanShare => Has(VD_AGENT_CAP_CLIPBOARD_BY_DEMAND);

    public bool WantsCrLf => Has(VD_AGENT_CAP_GUEST_LINEEND_CRLF);

    public void Flush() => _writer.Flush();

    public bool TryAnnounce(bool wantsAnswer)
    {
        Span<byte> body = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(body, wantsAnswer ? 1u : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(body[sizeof(uint)..], (uint)Ours);
        return _writer.TrySend(VD_AGENT_ANNOUNCE_CAPABILITIES, body);
    }

    public bool TrySendLimit()
    {
        Span<byte> body = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(body, ClipboardText.MostBytes);
        return !Has(VD_AGENT_CAP_MAX_CLIPBOARD) || _writer.TrySend(VD_AGENT_MAX_CLIPBOARD, body);
    }

    /// <summary>Tells it that there is text on the clipboard.</summary>
    public bool TryGrab() => TrySend(VD_AGENT_CLIPBOARD_GRAB, VDAgentClipboardType.VD_AGENT_CLIPBOARD_UTF8_TEXT);

    /// <summary>Tells it that there is none any more.</summary>
    public bool TryRelease() => TrySend(VD_AGENT_CLIPBOARD_RELEASE, null);

    /// <summary>Asks for the text that it has told of.</summary>
    public bool TryRequest() => TrySend(VD_AGENT_CLIPBOARD_REQUEST, VDAgentClipboardType.VD_AGENT_CLIPBOARD_UTF8_TEXT);

    /// <summary>Answers its request.</summary>
    /// <param name="text">Null: there is none.</param>
    public bool TryAnswer(ReadOnlyMemory<byte>? text) => TrySend(
        VD_AGENT_CLIPBOARD,
        text is null ? VDAgentClipboardType.VD_AGENT_CLIPBOARD_NONE : VDAgentClipboardType.VD_AGENT_CLIPBOARD_UTF8_TEXT,
        text ?? default);

    /// <returns>Null, or what is wrong.</returns>
    public string? TakeCapabilities(ReadOnlySpan<byte> body, out bool wantsAnswer)
    {
        wantsAnswer = false;
        // Further words are of a later time.
        if (body.Length < sizeof(uint) || body.Length % sizeof(uint) != 0)
        {
            return $"capabilities of {body.Length} bytes";
        }

        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(body);
        wantsAnswer = words[0] != 0;
        Capabilities = words.Length > 1 ? (VDAgentCapabilities)words[1] : None;
        return null;
    }

    /// <summary>Takes the selection, where there is one, off a message about the clipboard.</summary>
    /// <returns>False: the message is too short.</returns>
    public bool TryTakeSelection(ref ReadOnlySpan<byte> body, out byte selection)
    {
        selection = VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD;
        if (!Has(VD_AGENT_CAP_CLIPBOARD_SELECTION))
        {
            return true;
        }

        if (body.Length < SelectionLength)
        {
            return false;
        }

        selection = body[0];
        body = body[SelectionLength..];
        return true;
    }

    private bool TrySend(VDAgentMessageType message, VDAgentClipboardType? type, ReadOnlyMemory<byte> text = default)
    {
        Span<byte> start = stackalloc byte[SelectionLength + sizeof(uint)];
        start.Clear();
        int length = Has(VD_AGENT_CAP_CLIPBOARD_SELECTION) ? SelectionLength : 0;
        if (type is { } given)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(start[length..], (uint)given);
            length += sizeof(uint);
        }

        return _writer.TrySend(message, start[..length], text);
    }

    private bool Has(VDAgentCapabilities capability) => ((Capabilities ?? None) & capability) != 0;
}
