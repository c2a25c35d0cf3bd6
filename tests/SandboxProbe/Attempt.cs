using System.Runtime.InteropServices;
using SplitVmm.SandboxProbe.Interop;

namespace SplitVmm.SandboxProbe;

/// <summary>One way out. Its result is what the kernel said: 0 or more, or the negative of an error number.</summary>
internal delegate long Attempt();

/// <summary>System calls by number (<c>asm/unistd_64.h</c>) with numbers and buffers as arguments.</summary>
internal static class Call
{
    public static long Of(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        nint result = Libc.syscall(number, a, b, c, d, e, f);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    /// <summary>A null-terminated text, for the life of the probe.</summary>
    public static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    /// <summary>Zeroed memory, for the life of the probe.</summary>
    public static unsafe nint Block(int bytes) => (nint)NativeMemory.AllocZeroed((nuint)bytes);

    /// <summary>Opens a file and leaves it open.</summary>
    public static long Open(string path, int flags = 0, int mode = 0) => Of(257, -100, Text(path), flags, mode);

    /// <summary>Writes a line to standard output, by the call alone: a console wants more than some cages allow.</summary>
    public static void Say(string line) => _ = Of(1, 1, Text(line + "\n"), System.Text.Encoding.UTF8.GetByteCount(line) + 1);
}
