using SplitVmm.DesktopService.Launching;

namespace SplitVmm.DesktopService.Bus;

/// <summary>The answer to a call that cannot be done.</summary>
/// <param name="Name">Of the error, for programs.</param>
/// <param name="Text">One line for people.</param>
internal sealed record BusError(string Name, string Text)
{
    private const string Prefix = "org.splitvmm.Error.";

    public static BusError InvalidArguments(string text) => new("org.freedesktop.DBus.Error.InvalidArgs", text);

    public static BusError LimitsExceeded(string text) => new("org.freedesktop.DBus.Error.LimitsExceeded", text);

    public static BusError UnknownProperty(string name) => new("org.freedesktop.DBus.Error.UnknownProperty", $"there is no property {name}");

    public static BusError ReadOnly(string name) => new("org.freedesktop.DBus.Error.PropertyReadOnly", $"the property {name} cannot be set");

    public static BusError InvalidDefinition(string text) => new(Prefix + "InvalidDefinition", text);

    public static BusError Failed(string text) => new(Prefix + "Failed", text);

    public static BusError Of(ActionOutcome outcome) => new(Prefix + outcome.Status, outcome.Text);
}
