using System.Diagnostics;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.HostileGpu;

/// <summary>Sends without mercy, but not for ever: the machine has to show afterwards that it lives.</summary>
internal static class Pump
{
    /// <summary>How long a flood lasts.</summary>
    public static readonly TimeSpan Flood = TimeSpan.FromMilliseconds(700);

    /// <summary>Sends messages until the time is over or the peer has closed.</summary>
    /// <param name="next">Makes the next message.</param>
    public static void For(TimeSpan time, UnixSocket socket, Func<ReadOnlyMemory<byte>> next, params Descriptor[] descriptors)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time && Send(socket, next().Span, time - clock.Elapsed, descriptors))
        {
        }
    }

    /// <summary>Sends it all.</summary>
    /// <returns>False: the peer has closed, or does not read in time.</returns>
    public static bool Send(UnixSocket socket, ReadOnlySpan<byte> bytes, TimeSpan limit, params ReadOnlySpan<Descriptor> descriptors)
    {
        var clock = Stopwatch.StartNew();
        while (!bytes.IsEmpty)
        {
            switch (socket.Send(bytes, descriptors, out int sent))
            {
                case SocketStatus.Done:
                    bytes = bytes[sent..];
                    descriptors = [];
                    break;
                case SocketStatus.WouldBlock when clock.Elapsed < limit:
                    Thread.Sleep(1);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Random bytes, the same in each run.</summary>
    public static byte[] Random(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Says nothing more, for a while in which others may end the process.</summary>
    public static void Linger() => Thread.Sleep(TimeSpan.FromSeconds(1));

    /// <summary>Says nothing more, for longer than anybody waits.</summary>
    public static void WaitForTheEnd() => Thread.Sleep(TimeSpan.FromMinutes(2));
}
