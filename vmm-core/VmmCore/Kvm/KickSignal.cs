using System.Runtime.InteropServices;
using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Interop;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>
/// The real-time signal that makes a thread leave KVM_RUN. Its handler must not be managed code, which a signal may
/// interrupt anywhere: libc's <c>abs</c> takes the signal's number and does nothing with it.
/// </summary>
internal static unsafe class KickSignal
{
    // glibc keeps 32 and 33, .NET uses SIGRTMIN (34): a few above is free.
    private const int Number = 40;

    private static readonly Lazy<bool> s_installed = new(Install);

    /// <summary>Sets the handler, once for the process; before the first vCPU thread runs.</summary>
    public static void EnsureInstalled() => _ = s_installed.Value;

    /// <summary>Sends the signal to a thread of this process, which has not ended.</summary>
    public static void Send(int thread)
    {
        if (Libc.tgkill(Libc.getpid(), thread, Number) < 0)
        {
            throw ErrnoException.FromLastError("tgkill");
        }
    }

    private static bool Install()
    {
        var action = new Libc.SignalAction
        {
            Handler = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "abs"),
            // Other calls of a kicked thread go on; KVM_RUN comes out with EINTR all the same.
            Flags = Libc.SA_RESTART,
        };
        return Libc.sigaction(Number, &action, null) == 0 ? true : throw ErrnoException.FromLastError("sigaction");
    }
}
