using System.Text;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Sockets;

/// <summary>Paths in <c>struct sockaddr_un</c>.</summary>
internal static unsafe class UnixPath
{
    /// <exception cref="ArgumentException">The path is empty or longer than 107 bytes of UTF-8.</exception>
    public static Libc.UnixAddress ToAddress(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length is 0 or >= Libc.UnixAddress.PathSize || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"a socket path has 1 to {Libc.UnixAddress.PathSize - 1} bytes, not {length}: '{path}'", nameof(path));
        }

        var address = new Libc.UnixAddress { Family = Libc.AF_UNIX };
        // length was checked to leave room for the terminating zero, which the initialiser put there.
        _ = Encoding.UTF8.GetBytes(path, new Span<byte>(address.Path, Libc.UnixAddress.PathSize));
        return address;
    }
}
