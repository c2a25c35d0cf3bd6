namespace SplitVmm.VmmCore.Kvm;

/// <summary>
/// This host cannot run this virtual machine, whatever the options. The message is one sentence for the user: what
/// is missing, and what to do about it.
/// </summary>
public sealed class HostUnfitException : Exception
{
    public HostUnfitException(string message)
        : base(message)
    {
    }

    public HostUnfitException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
