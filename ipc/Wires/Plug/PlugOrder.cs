using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Plug;

/// <summary>
/// A socket that came with the message takes the place of the one that the process has in this role; a viewer's is one more.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct PlugOrder
{
    [FieldOffset(0)] public PlugRole Role;

    /// <summary>
    /// The virtio device number for <see cref="PlugRole.VhostUser"/>, the scanout for <see cref="PlugRole.Viewer"/>; zero for the other roles.
    /// </summary>
    [FieldOffset(4)] public uint Device;
}
