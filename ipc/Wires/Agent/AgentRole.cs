namespace SplitVmm.Wires.Agent;

/// <summary>The two ends of the agent wire.</summary>
public enum AgentRole : uint
{
    None = 0,

    /// <summary>vmm-core.</summary>
    Port = 1,

    /// <summary>display-process.</summary>
    Client = 2,
}
