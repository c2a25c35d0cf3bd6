namespace SplitVmm.DisplayProcess;

/// <summary>The process cannot go on. The message is one line for the user, with the remedy where there is one.</summary>
public sealed class DisplayException : Exception
{
    /// <param name="exitStatus">1: a failure; 3: this host cannot do it.</param>
    public DisplayException(string message, int exitStatus = 1, Exception? inner = null)
        : base(message, inner) => ExitStatus = exitStatus;

    public int ExitStatus { get; }
}
