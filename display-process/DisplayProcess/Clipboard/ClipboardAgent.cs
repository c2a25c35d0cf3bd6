using System.Runtime.InteropServices;
using SplitVmm.DisplayProcess.Clipboard.Vdagent;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Framing;

namespace SplitVmm.DisplayProcess.Clipboard;

/// <summary>
/// Shares the text on the desktop's clipboard with the guest, whose agent speaks the agent protocol of SPICE
/// (<c>vd_agent.h</c>). The guest gets, and gives, only while the user is at the machine: what it was offered is the text
/// that was there then. The agent is untrusted: one message that makes no sense ends its session.
/// </summary>
internal sealed class ClipboardAgent : IAgentWireClientHandler, IVDAgentHandler, IDisposable
{
    /// <summary>Selection, type and the largest text.</summary>
    private const int LargestBody = 8 + ClipboardText.MostBytes;

    private readonly IClipboard _clipboard;
    private readonly Action<string> _log;
    private readonly RareLog _rareLog;
    private readonly RareLog _hostLog;
    private readonly AgentWireClient _wire;
    private GuestAgent? _agent;
    private VDAgentReader _reader = new(LargestBody);
    private string? _seen;
    private byte[]? _offered;
    private bool _asked;

    /// <param name="socket">The agent wire; owned from here on.</param>
    /// <param name="log">Takes one line for the user.</param>
    public ClipboardAgent(EventLoop loop, UnixSocket socket, IClipboard clipboard, Action<string> log)
    {
        _clipboard = clipboard;
        _log = log;
        _rareLog = new RareLog(log, () => Environment.TickCount64);
        _hostLog = new RareLog(log, () => Environment.TickCount64);
        _wire = new AgentWireClient(loop, socket, this);
        _clipboard.Changed += Offer;
    }

    public void Dispose()
    {
        _clipboard.Changed -= Offer;
        _wire.Dispose();
    }

    void IAgentWireClientHandler.OnOpened()
    {
        _agent = new GuestAgent(_wire);
        _reader = new VDAgentReader(LargestBody);
        _ = _agent.TryAnnounce(wantsAnswer: true);
    }

    void IAgentWireClientHandler.OnSessionOver() => Forget();

    void IAgentWireClientHandler.OnData(ReadOnlySpan<byte> data)
    {
        if (_agent is not null && _reader.Read(data, this) is { } problem)
        {
            _rareLog.Write($"the guest's agent made no sense ({problem}): it has to begin anew");
            Forget();
            _wire.HangUp();
        }
    }

    void IAgentWireClientHandler.OnWritable() => _agent?.Flush();

    void IAgentWireClientHandler.OnClosed(WireError? violation)
    {
        Forget();
        if (violation is not null)
        {
            _log($"the clipboard is not shared any more: {violation}");
        }
    }

    string? IVDAgentHandler.OnMessage(VDAgentMessageType type, ReadOnlySpan<byte> body)
    {
        GuestAgent agent = _agent!;
        switch (type)
        {
            case VDAgentMessageType.VD_AGENT_ANNOUNCE_CAPABILITIES:
                return TakeCapabilities(agent, body);
            case VDAgentMessageType.VD_AGENT_CLIPBOARD_GRAB when agent.CanShare:
                return TakeGrab(agent, body);
            case VDAgentMessageType.VD_AGENT_CLIPBOARD_REQUEST when agent.CanShare:
                return TakeRequest(agent, body);
            case VDAgentMessageType.VD_AGENT_CLIPBOARD when agent.CanShare:
                return TakeText(agent, body);
            default:
                // Of displays, sound and files; and a release, after which the text stays where it was copied to.
                return null;
        }
    }

    void IVDAgentHandler.OnTooLarge(VDAgentMessageType type, uint size)
    {
        _asked &= type != VDAgentMessageType.VD_AGENT_CLIPBOARD;
        _rareLog.Write($"the guest's agent sent {size} bytes where {LargestBody} are the most: they were left out");
    }

    private string? TakeCapabilities(GuestAgent agent, ReadOnlySpan<byte> body)
    {
        bool isFirst = agent.Capabilities is null;
        if (agent.TakeCapabilities(body, out bool wantsAnswer) is { } problem)
        {
            return problem;
        }

        if (isFirst && !agent.CanShare)
        {
            _rareLog.Write("the guest's agent cannot share its clipboard");
        }

        if ((wantsAnswer && !agent.TryAnnounce(wantsAnswer: false)) || (isFirst && !agent.TrySendLimit()))
        {
            return Deaf();
        }

        if (isFirst && _clipboard.HasFocus)
        {
            Offer();
        }

        return null;
    }

    private string? TakeGrab(GuestAgent agent, ReadOnlySpan<byte> body)
    {
        if (!agent.TryTakeSelection(ref body, out byte selection) || body.Length % sizeof(uint) != 0)
        {
            return $"a grab with {body.Length} bytes";
        }

        if (selection != GuestAgent.VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD)
        {
            return null;
        }

        // The guest has something of its own now, whether it is for us or not.
        _offered = null;
        bool isText = MemoryMarshal.Cast<byte, VDAgentClipboardType>(body).Contains(VDAgentClipboardType.VD_AGENT_CLIPBOARD_UTF8_TEXT);
        if (!isText || !_clipboard.HasFocus)
        {
            return null;
        }

        _asked = true;
        return agent.TryRequest() ? null : Deaf();
    }

    private string? TakeRequest(GuestAgent agent, ReadOnlySpan<byte> body)
    {
        if (!agent.TryTakeSelection(ref body, out byte selection) || body.Length != sizeof(uint))
        {
            return $"a request with {body.Length} bytes";
        }

        bool isForText = selection == GuestAgent.VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD
            && MemoryMarshal.Read<VDAgentClipboardType>(body) == VDAgentClipboardType.VD_AGENT_CLIPBOARD_UTF8_TEXT;
        return agent.TryAnswer(isForText && _offered is { } text ? text : null) ? null : Deaf();
    }

    private string? TakeText(GuestAgent agent, ReadOnlySpan<byte> body)
    {
        if (!agent.TryTakeSelection(ref body, out byte selection) || body.Length < sizeof(uint))
        {
            return $"clipboard contents with {body.Length} bytes";
        }

        var type = MemoryMarshal.Read<VDAgentClipboardType>(body);
        bool isAnswer = _asked && selection == GuestAgent.VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD;
        _asked &= !isAnswer;
        string text = isAnswer && type == VDAgentClipboardType.VD_AGENT_CLIPBOARD_UTF8_TEXT && _clipboard.HasFocus
            ? ClipboardText.FromGuest(body[sizeof(uint)..], agent.WantsCrLf)
            : "";
        if (text.Length > 0)
        {
            _seen = text;
            if (_clipboard.Write(text) is { } problem)
            {
                _rareLog.Write($"what was copied in the guest does not get onto the clipboard: {problem}");
            }
        }

        return null;
    }

    /// <summary>Tells the guest what is on the clipboard, if that is news to it. The user is at the machine.</summary>
    private void Offer()
    {
        if (_agent is not { CanShare: true } agent)
        {
            return;
        }

        string? text = _clipboard.Read(ClipboardText.MostBytes, out bool tooLong);
        if (tooLong)
        {
            _hostLog.Write($"the text on the clipboard has more than {ClipboardText.MostBytes} bytes: the guest does not get it");
        }

        if (text == _seen)
        {
            // Also what the guest has copied itself since: coming back to the window takes nothing away from it.
            return;
        }

        _seen = text;
        bool wasOffered = _offered is not null;
        _offered = string.IsNullOrEmpty(text) ? null : ClipboardText.ToGuest(text, agent.WantsCrLf);
        if (_offered is not null)
        {
            // An agent that does not read finds out when it asks.
            _ = agent.TryGrab();
        }
        else if (wasOffered)
        {
            _ = agent.TryRelease();
        }
    }

    private void Forget()
    {
        _agent = null;
        _seen = null;
        _offered = null;
        _asked = false;
    }

    private static string Deaf() => "it asks and reads no answers";
}
