using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>Copies of the standard descriptors, which the process as a whole owns.</summary>
internal static class StandardStreams
{
    /// <summary>Null if standard input is closed.</summary>
    public static Descriptor? TryCopyInput() => TryCopy(0);

    /// <summary>Null if standard output is closed.</summary>
    public static Descriptor? TryCopyOutput() => TryCopy(1);

    private static Descriptor? TryCopy(int number)
    {
        using var original = new Descriptor(number);
        try
        {
            return original.Duplicate();
        }
        catch (ErrnoException error) when (error.Errno == Errno.EBADF)
        {
            return null;
        }
        finally
        {
            // Not ours to close.
            original.SetHandleAsInvalid();
        }
    }
}
