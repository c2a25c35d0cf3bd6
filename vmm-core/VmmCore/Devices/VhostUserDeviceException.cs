namespace SplitVmm.VmmCore.Devices;

/// <summary>A vhost-user back end cannot serve as the device it was attached as. The message says why in one line.</summary>
public sealed class VhostUserDeviceException(string message) : IOException(message);
