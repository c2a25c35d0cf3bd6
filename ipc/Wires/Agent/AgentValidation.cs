using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Agent;

/// <summary>Checks of what arrives on the agent wire, at either end.</summary>
internal static class AgentValidation
{
    public const string Wire = "agent wire";

    public static WireError? Check(in AgentHello value, AgentRole expected)
    {
        const string Hello = "hello";
        if (value.Magic != AgentProtocol.Magic)
        {
            return Error(Hello, "magic", $"0x{value.Magic:x16} is not that of an agent wire");
        }

        if (value.Version != AgentProtocol.Version)
        {
            return Error(Hello, "version", $"the peer speaks version {value.Version}, this side version {AgentProtocol.Version}");
        }

        return value.Role == expected ? null : Error(Hello, "role", $"{(uint)value.Role} is not the other end");
    }

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
