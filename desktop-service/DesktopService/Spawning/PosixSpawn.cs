using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>
/// Starts programs with chosen descriptors, which <see cref="System.Diagnostics.Process"/> cannot. Each program is
/// the leader of a process group of its own, so that Ctrl-C reaches the supervisor only; every signal has its
/// default action again, and none is blocked.
/// </summary>
internal static unsafe class PosixSpawn
{
    /// <summary>Where the descriptors wait that are about to get their final numbers: above all of those.</summary>
    private const int FirstParkedNumber = 64;

    /// <summary>
    /// Must be called on a thread that lives as long as the child may: the kernel's parent-death signal, which the
    /// children ask for, goes by the thread that made them.
    /// </summary>
    /// <exception cref="ErrnoException">The program cannot be started.</exception>
    public static ChildProcess Start(SpawnRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Inherited.Count, FirstParkedNumber);
        byte* actions = stackalloc byte[Libc.SpawnObjectSize];
        byte* attributes = stackalloc byte[Libc.SpawnObjectSize];
        Check(Libc.posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(Libc.posix_spawnattr_init(attributes), "posix_spawnattr_init");
        List<Descriptor> parked = Park(request.Inherited);
        byte** arguments = null;
        byte** environment = null;
        try
        {
            for (int number = 0; number < parked.Count; number++)
            {
                Check(Libc.posix_spawn_file_actions_adddup2(actions, parked[number].Number, number), "posix_spawn adddup2");
            }

            // Also what this program itself inherited without close-on-exec.
            Check(Libc.posix_spawn_file_actions_addclosefrom_np(actions, parked.Count), "posix_spawn addclosefrom");
            SetAttributes(attributes, request.InNewSession);
            arguments = ToNative([request.Path, .. request.Arguments]);
            environment = ToNative(CurrentEnvironment());
            byte[] path = Encoding.UTF8.GetBytes(request.Path + '\0');
            int pid;
            fixed (byte* nativePath = path)
            {
                // All blocks are null-terminated and live until the call returns; the child has its own copies.
                Check(Libc.posix_spawn(&pid, nativePath, actions, attributes, arguments, environment), "starting " + request.Path);
            }

            return ChildProcess.Adopt(pid);
        }
        finally
        {
            Free(arguments);
            Free(environment);
            parked.ForEach(descriptor => descriptor.Dispose());
            _ = Libc.posix_spawnattr_destroy(attributes);
            _ = Libc.posix_spawn_file_actions_destroy(actions);
        }
    }

    // A source among the final numbers would be overwritten before its turn: copies above them are not.
    private static List<Descriptor> Park(IReadOnlyList<Descriptor> inherited)
    {
        var parked = new List<Descriptor>(inherited.Count);
        foreach (Descriptor descriptor in inherited)
        {
            int copy = Libc.fcntl(descriptor, Libc.F_DUPFD_CLOEXEC, FirstParkedNumber);
            if (copy < 0)
            {
                var failure = ErrnoException.FromLastError("fcntl(F_DUPFD_CLOEXEC)", descriptor.ToString());
                parked.ForEach(earlier => earlier.Dispose());
                throw failure;
            }

            parked.Add(new Descriptor(copy));
        }

        return parked;
    }

    private static void SetAttributes(byte* attributes, bool inNewSession)
    {
        byte* signals = stackalloc byte[Libc.SignalSetSize];
        _ = Libc.sigfillset(signals);
        Check(Libc.posix_spawnattr_setsigdefault(attributes, signals), "posix_spawnattr_setsigdefault");
        _ = Libc.sigemptyset(signals);
        Check(Libc.posix_spawnattr_setsigmask(attributes, signals), "posix_spawnattr_setsigmask");
        Check(Libc.posix_spawnattr_setpgroup(attributes, 0), "posix_spawnattr_setpgroup");
        // A new session is a new group too.
        int flags = (inNewSession ? Libc.POSIX_SPAWN_SETSID : Libc.POSIX_SPAWN_SETPGROUP) | Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK;
        Check(Libc.posix_spawnattr_setflags(attributes, (short)flags), "posix_spawnattr_setflags");
    }

    private static List<string> CurrentEnvironment()
    {
        var variables = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables.Add($"{variable.Key}={variable.Value}");
        }

        return variables;
    }

    /// <summary>A null-terminated array of null-terminated UTF-8 strings, for <see cref="Free"/>.</summary>
    private static byte** ToNative(List<string> strings)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < strings.Count; i++)
        {
            array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }

        return array;
    }

    private static void Free(byte** array)
    {
        // Ends at the null that ToNative left after the last string.
        for (byte** entry = array; entry is not null && *entry is not null; entry++)
        {
            Marshal.FreeCoTaskMem((nint)(*entry));
        }

        NativeMemory.Free(array);
    }

    private static void Check(int errno, string call)
    {
        if (errno != 0)
        {
            throw new ErrnoException(call, errno);
        }
    }
}
