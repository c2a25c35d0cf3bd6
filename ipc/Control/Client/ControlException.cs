namespace SplitVmm.Control.Client;

/// <summary>The control connection could not be set up. The message is one line, fit for the user.</summary>
public sealed class ControlException(string message, Exception? inner = null) : IOException(message, inner);
