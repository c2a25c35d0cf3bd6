using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Agent;

/// <summary>Checks of what arrives on the agent wire, at either end.</summary>
internal static class AgentValidation
{
    public const string Wire = "agent wire";

    /// <summary>vmm-core's end.</summary>
    public static readonly WireEnd Port = new(
        Wire, AgentProtocol.Magic, AgentProtocol.Version, AgentProtocol.MaxMessageSize,
        (uint)AgentRole.Port, (uint)AgentRole.Client, nameof(AgentRole.Client));

    /// <summary>display-process's end.</summary>
    public static readonly WireEnd Client = new(
        Wire, AgentProtocol.Magic, AgentProtocol.Version, AgentProtocol.MaxMessageSize,
        (uint)AgentRole.Client, (uint)AgentRole.Port, nameof(AgentRole.Port));

    /// <summary>A message about a session that the other end can know of.</summary>
    public static WireError? Check(string message, in AgentSession value, uint lowest, uint highest)
    {
        if (value.Reserved != 0)
        {
            return Error(message, "reserved", $"{value.Reserved} is not zero");
        }

        return value.Number >= lowest && value.Number <= highest
            ? null
            : Error(message, "session", $"{value.Number} is not in {lowest}..{highest}");
    }

    public static WireError? CheckData(ReadOnlySpan<byte> data) =>
        data.IsEmpty ? Error("data", "size", "there is none") : null;

    public static WireError Error(string message, string field, string problem) => new(Wire, message, field, problem);
}
