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

    public static WireError? Check(in PlugHello value)
    {
        const string Hello = "hello";
        if (value.Magic != PlugProtocol.Magic)
        {
            return Error(Hello, "magic", $"0x{value.Magic:x16} is not that of a plug wire");
        }

        if (value.Version != PlugProtocol.Version)
        {
            return Error(Hello, "version", $"the peer speaks version {value.Version}, this side version {PlugProtocol.Version}");
        }

        return value.Reserved == 0 ? null : Error(Hello, "reserved", $"{value.Reserved} is not zero");
    }

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
