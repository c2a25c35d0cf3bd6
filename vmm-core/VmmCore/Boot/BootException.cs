namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// A kernel or initrd cannot be booted as asked. The message is one line for the user that names the file and the
/// remedy.
/// </summary>
public sealed class BootException(string message) : Exception(message);
