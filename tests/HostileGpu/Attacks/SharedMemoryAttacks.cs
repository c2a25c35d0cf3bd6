using System.Runtime.InteropServices;
using SplitVmm.HostileGpu.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.HostileGpu.Attacks;

/// <summary>Against the host-visible window of vmm-core, as a back end that serves the guest.</summary>
internal static class SharedMemoryAttacks
{
    /// <summary>As in the machine of the test.</summary>
    private const ulong Window = 64UL << 20;
    private const ulong Page = 4096;
    private const uint AskForReply = VhostUserHeader.VHOST_USER_VERSION | VhostUserHeader.VHOST_USER_NEED_REPLY_MASK;

    public static IEnumerable<Attack> All =>
    [
        new("shared memory: ranges that cannot be", Ranges),
        new("shared memory: things that are no memory", Things),
        new("shared memory: a memfd made shorter", Shorter),
        new("shared memory: 100000 mappings", Many),
        new("shared memory: a flood that reads no answers", ends => Flood(ends)),
        new("shared memory: a window of another size", ends => _ = Serve(ends, 2 * Window)),
        new("shared memory: unmapped what is not mapped", Unmaps),
    ];

    private static void Ranges(Ends ends)
    {
        BackEndScript script = Serve(ends);
        using MemFd file = Memory();
        ulong[] numbers = [0, 1, Page - 1, Page, Window - Page, Window, Window + Page, 1UL << 63, ulong.MaxValue & ~(Page - 1), ulong.MaxValue];
        foreach (ulong at in numbers)
        {
            foreach (ulong length in numbers)
            {
                foreach (ulong from in numbers)
                {
                    Send(script, Map(at, length, from), file);
                    Send(script, Map(at, length, from) with { ShmId = 0 }, file);
                    Send(script, Map(at, length, from) with { Flags = from }, file);
                }
            }
        }

        End(script);
    }

    private static unsafe void Things(Ends ends)
    {
        BackEndScript script = Serve(ends);
        (UnixSocket one, UnixSocket other) = UnixSocket.CreateStreamPair();
        using EventFd line = EventFd.Create();
        using TimerFd timer = TimerFd.Create();
        int[] pipe = new int[2];
        fixed (int* pipeEnds = pipe)
        {
            _ = Libc.pipe2(pipeEnds, 0);
        }

        using MemFd empty = MemFd.Create("empty", 0, Seals.None);
        using MemFd fixedSize = MemFd.Create("fixed", (long)Page, Seals.F_SEAL_SEAL);
        using MemFd readOnly = MemFd.Create("read-only", (long)Page, Seals.F_SEAL_WRITE);
        Descriptor[] things =
        [
            one, other, line, timer, empty, fixedSize, readOnly, new(pipe[0]), new(pipe[1]),
            new(Libc.open("/", 0)), new(Libc.open("/dev/zero", 2)), new(Libc.open("/proc/self/exe", 0)), .. script.Calls,
        ];
        foreach (Descriptor thing in things)
        {
            Send(script, Map(0, Page, 0), thing);
        }

        // None at all, and several.
        Send(script, Map(0, Page, 0));
        Send(script, Map(0, Page, 0), things.AsSpan(0, 8));
        End(script);
    }

    private static void Shorter(Ends ends)
    {
        BackEndScript script = Serve(ends);
        using MemFd file = MemFd.Create("short", (long)Window, Seals.None);
        Send(script, Map(0, Window, 0), file);
        script.Serve(TimeSpan.FromSeconds(0.2));
        _ = Libc.ftruncate(file.Number, 0);
        End(script);
    }

    private static void Many(Ends ends)
    {
        BackEndScript script = Serve(ends);
        using MemFd file = Memory();
        for (ulong i = 0; i < 100_000; i++)
        {
            // Backwards in the file: no two of them are one area for the kernel.
            Send(script, Map(i * Page % Window, Page, Window - Page - (i * Page % Window)), file);
        }

        End(script);
    }

    private static void Flood(Ends ends)
    {
        BackEndScript script = Serve(ends);
        using MemFd file = Memory();
        byte[] message = BackEndScript.Message((uint)VhostUserBackEndRequest.SHMEM_MAP, Bytes(Map(0, Page, 0)), AskForReply);
        if (script.Requests is { } requests)
        {
            Pump.For(Pump.Flood, requests, () => message, file);
        }

        script.Serve(TimeSpan.FromSeconds(1));
    }

    private static void Unmaps(Ends ends)
    {
        BackEndScript script = Serve(ends);
        using MemFd file = Memory();
        Send(script, Map(0, 4 * Page, 0), file);
        foreach ((ulong at, ulong length) in ((ulong, ulong)[])[(Page, Page), (0, Page), (0, 8 * Page), (0, 0), (ulong.MaxValue, Page), (0, 4 * Page), (0, 4 * Page)])
        {
            Send(script, VhostUserBackEndRequest.SHMEM_UNMAP, Map(at, length, 0));
        }

        End(script);
    }

    /// <summary>Serves until the front end has set everything up.</summary>
    private static BackEndScript Serve(Ends ends, ulong window = Window)
    {
        _ = ends.Attach();
        var script = new BackEndScript(ends.VhostUser) { Window = window };
        script.Serve(TimeSpan.FromSeconds(0.7));
        return script;
    }

    private static void End(BackEndScript script)
    {
        script.Serve(TimeSpan.FromSeconds(0.5));
        Pump.Linger();
    }

    private static MemFd Memory() => MemFd.Create("hostile", (long)Window, Seals.F_SEAL_SHRINK);

    private static VhostUserMMap Map(ulong at, ulong length, ulong from) =>
        new() { ShmId = 1, ShmOffset = at, Length = length, FdOffset = from, Flags = VhostUserMMap.VHOST_USER_FLAG_MAP_RW };

    private static void Send(BackEndScript script, in VhostUserMMap range, params ReadOnlySpan<Descriptor> files) =>
        Send(script, VhostUserBackEndRequest.SHMEM_MAP, range, files);

    /// <summary>Without asking for an answer, so that nobody has to read them.</summary>
    private static void Send(BackEndScript script, VhostUserBackEndRequest request, in VhostUserMMap range, params ReadOnlySpan<Descriptor> files)
    {
        byte[] message = BackEndScript.Message((uint)request, Bytes(range), VhostUserHeader.VHOST_USER_VERSION);
        if (script.Requests is { } requests)
        {
            _ = Pump.Send(requests, message, TimeSpan.FromSeconds(5), files);
        }
    }

    private static ReadOnlySpan<byte> Bytes(in VhostUserMMap range) => MemoryMarshal.AsBytes(new ReadOnlySpan<VhostUserMMap>(in range));
}
