using System.Runtime.InteropServices;

namespace SplitVmm.Platform.Errors;

/// <summary>A system call of the host failed. The message names the call, what it was about, and the error.</summary>
public sealed class ErrnoException : IOException
{
    public ErrnoException(string call, int errno, string? subject = null)
        : base(Describe(call, errno, subject))
    {
        Call = call;
        Errno = errno;
    }

    /// <summary>Name of the system call or library function, for example <c>ioctl(KVM_RUN)</c>.</summary>
    public string Call { get; }

    /// <summary>The positive errno value.</summary>
    public int Errno { get; }

    /// <summary>Makes the exception from the errno that the last <c>SetLastError</c> call left behind.</summary>
    public static ErrnoException FromLastError(string call, string? subject = null) =>
        new(call, Marshal.GetLastPInvokeError(), subject);

    private static string Describe(string call, int errno, string? subject)
    {
        string what = subject is null ? call : $"{call} on {subject}";
        return $"{what} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
    }
}
