namespace SplitVmm.DesktopService.Supervision;

/// <summary>This host cannot do what was asked for. The message says in one line what is missing and what brings it.</summary>
internal sealed class HostUnfitException(string message) : IOException(message);
