using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Plug;

/// <summary>
/// Checks of what arrives on the plug wire. The supervisor is trusted; the checks catch programs of different
/// builds and swapped descriptors before they do harm.
/// </summary>
internal static class PlugValidation
{
    public const string Wire = "plug wire";

    /// <summary>Virtio device numbers in use end below this.</summary>
    private const uint MaxDevice = 64;

    /// <summary>A process's end; the supervisor's has no role.</summary>
    public static readonly WireEnd Sink = new(Wire, PlugProtocol.Magic, PlugProtocol.Version, PlugProtocol.MaxMessageSize, 0, 0, "the supervisor");

    /// <param name="accepted">What this process has a place for.</param>
    public static WireError? Check(in PlugOrder value, ReadOnlySpan<PlugRole> accepted)
    {
        const string Plug = "plug";
        if (!accepted.Contains(value.Role))
        {
            return Error(Plug, "role", $"{(uint)value.Role} has no place in this process");
        }

        bool fits = value.Role switch
        {
            PlugRole.VhostUser => value.Device is > 0 and < MaxDevice,
            PlugRole.Viewer => value.Device < Display.DisplayProtocol.MaxScanouts,
            _ => value.Device == 0,
        };
        return fits ? null : Error(Plug, "device", $"{value.Device} does not fit role {value.Role}");
    }

    public static WireError? CheckSocket(Descriptor descriptor) =>
        FileFacts.TryGet(descriptor, out FileFacts facts) && facts.IsSocket
            ? null
            : Error("plug", "descriptor", "it is not a socket");

    public static WireError Error(string message, string field, string problem) => new(Wire, message, field, problem);
}
