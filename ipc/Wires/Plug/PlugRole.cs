namespace SplitVmm.Wires.Plug;

/// <summary>What the socket of a <see cref="PlugOrder"/> is, as the receiver sees it.</summary>
public enum PlugRole : uint
{
    /// <summary>To vmm-core: the front end's side of a vhost-user connection.</summary>
    VhostUser = 1,

    /// <summary>To vmm-core: the sink's side of the input wire.</summary>
    Input = 2,

    /// <summary>To gpu-process the source's side of the display wire, to display-process the sink's.</summary>
    Display = 3,

    /// <summary>To display-process: a stream socket at whose other end a viewer speaks D-Bus.</summary>
    Viewer = 4,

    /// <summary>To vmm-core: the port's side of the agent wire.</summary>
    Agent = 5,
}
