using SplitVmm.Hosting;

namespace SplitVmm.DisplayProcess;

/// <summary>The process cannot go on. The message is one line for the user, with the remedy where there is one.</summary>
public sealed class DisplayException : Exception
{
    /// <param name="exitStatus">Of the process.</param>
    public DisplayException(string message, int exitStatus = ExitStatus.Failed, Exception? inner = null)
        : base(message, inner) => Status = exitStatus;

    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status { get; }
}
