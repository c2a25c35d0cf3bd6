using System.Globalization;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Sandbox.Interop;

namespace SplitVmm.Sandbox;

/// <summary>
/// The inner cage: what a process does to itself. First, before anything else runs, limits, Landlock and a filter
/// against what it never does; Landlock binds threads one by one, so the program is then executed again and every
/// thread of its is born bound. Second, before the first untrusted byte, the list of the system calls that are left.
/// </summary>
public sealed unsafe class ProcessSandbox
{
    /// <summary>Number of the inherited memfd that holds the plan.</summary>
    public const string Option = "--sandbox-fd";

    /// <summary>The same, once the first half is done.</summary>
    private const string BoundOption = "--sandbox-bound-fd";

    private readonly CagePlan? _plan;

    private ProcessSandbox(CagePlan? plan) => _plan = plan;

    /// <summary>The process was started without a sandbox.</summary>
    public static ProcessSandbox None { get; } = new(null);

    /// <summary>The version of Landlock of the running kernel; 0: it has none, or it is switched off.</summary>
    public static int LandlockAbi => Landlock.Abi();

    /// <summary>As <see cref="Enter"/>; a failure is told in one line on standard error.</summary>
    /// <returns>False: the program must end.</returns>
    public static bool TryEnter(ref string[] arguments, out ProcessSandbox sandbox)
    {
        sandbox = None;
        try
        {
            sandbox = Enter(ref arguments);
            return true;
        }
        catch (IOException error)
        {
            Console.Error.WriteLine($"the sandbox cannot be entered: {error.Message}");
            return false;
        }
    }

    /// <summary>
    /// The first statement of a program. If there is a plan this executes the program again, bound by the first half
    /// of it; there this returns.
    /// </summary>
    /// <param name="arguments">Of the program; without the sandbox's own on return.</param>
    /// <exception cref="IOException">The plan cannot be read or carried out: the program must end.</exception>
    public static ProcessSandbox Enter(ref string[] arguments)
    {
        string[] given = arguments;
        int at = Array.FindIndex(given, argument => argument is Option or BoundOption);
        if (at < 0 || at + 1 == given.Length || !int.TryParse(given[at + 1], CultureInfo.InvariantCulture, out int fd))
        {
            return None;
        }

        CagePlan plan = Read(fd);
        if (given[at] == Option)
        {
            Bind(plan);
            if (plan.ForeignProgram.Length > 0)
            {
                Become(plan, fd, [.. given[..at], .. given[(at + 2)..]]);
            }

            Reexecute([.. given[..at], BoundOption, .. given[(at + 1)..]]);
        }

        Descriptor.FromInherited(fd).Dispose();
        arguments = [.. given[..at], .. given[(at + 2)..]];
        return new ProcessSandbox(plan);
    }

    /// <summary>
    /// The second half, for all threads at once. Whatever the process needs is open by now.
    /// </summary>
    /// <returns>What is in force; null: the process was started without a sandbox.</returns>
    /// <exception cref="ErrnoException">The kernel refused: the process must end.</exception>
    public SandboxState? LockDown()
    {
        if (_plan is null)
        {
            return null;
        }

        var missing = new List<string>();
        int abi = Landlock.Abi();
        if (abi == 0)
        {
            missing.Add("Landlock (Linux 5.13, lsm=landlock): files are kept apart by the mount namespace alone");
        }

        bool refuses = Libc.prctl(Libc.PR_GET_MDWE, 0, 0, 0, 0) == (int)Libc.PR_MDWE_REFUSE_EXEC_GAIN;
        if (_plan.RefuseExecutableMemory && !refuses)
        {
            missing.Add("PR_SET_MDWE (Linux 6.3): executable memory is refused by the system call filter alone");
        }

        // No other process of this user may look into this one, or take its descriptors.
        Check(Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl(PR_SET_DUMPABLE)");
        if (_plan.ServeFilter.Length > 0)
        {
            Install(_plan.ServeFilter);
        }
        else
        {
            missing.Add("libseccomp (package libseccomp2): system calls are not filtered");
        }

        return new SandboxState(_plan.AllowedCalls, abi, refuses, missing);
    }

    private static CagePlan Read(int fd)
    {
        var inherited = new Descriptor(fd);
        try
        {
            if (!MemFd.TryGetSize(inherited, out long size) || size is 0 or > int.MaxValue)
            {
                throw new IOException($"descriptor {fd} is no plan of a sandbox");
            }

            var bytes = new byte[size];
            fixed (byte* buffer = bytes)
            {
                // The array is as long as what is asked for.
                Check(Libc.pread(fd, buffer, (nuint)size, 0) == size ? 0 : -1, "pread");
            }

            return CagePlan.FromBytes(bytes);
        }
        catch (InvalidDataException error)
        {
            throw new IOException($"the plan of the sandbox cannot be read: {error.Message}", error);
        }
        finally
        {
            // Still needed after the program was executed again.
            inherited.SetHandleAsInvalid();
        }
    }

    private static void Bind(CagePlan plan)
    {
        ulong* limits = stackalloc ulong[2];
        foreach (ResourceLimit limit in plan.Limits)
        {
            Check(Libc.getrlimit(limit.Resource, limits), "getrlimit");
            limits[0] = limits[1] = Math.Min(limit.Value, limits[1]);
            Check(Libc.setrlimit(limit.Resource, limits), "setrlimit");
        }

        Check(Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)");
        if (plan.RefuseExecutableMemory)
        {
            // Kernels without it say EINVAL; LockDown reports it.
            _ = Libc.prctl(Libc.PR_SET_MDWE, Libc.PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
        }

        if (Landlock.Abi() is > 0 and int abi)
        {
            Landlock.Restrict(abi, plan.Files);
        }

        if (plan.StartFilter.Length > 0)
        {
            Install(plan.StartFilter);
        }
    }

    private static void Install(byte[] filter)
    {
        fixed (byte* instructions = filter)
        {
            // The kernel copies the program before the call returns.
            var program = new Libc.FilterProgram { Length = (ushort)(filter.Length / 8), Instructions = instructions };
            nint result = Libc.syscall(
                Libc.SYS_seccomp,
                Libc.SECCOMP_SET_MODE_FILTER,
                Libc.SECCOMP_FILTER_FLAG_TSYNC | Libc.SECCOMP_FILTER_FLAG_LOG,
                (nint)(&program),
                0);
            // A positive number is the thread that could not be bound.
            if (result != 0)
            {
                throw result < 0 ? ErrnoException.FromLastError("seccomp") : new IOException($"thread {result} has a system call filter of its own");
            }
        }
    }

    // Another's program knows nothing of plans: the list of system calls, which must then allow execve, holds from before
    // its first instruction on.
    private static void Become(CagePlan plan, int fd, string[] arguments)
    {
        Descriptor.FromInherited(fd).SetHandleAsInvalid();
        if (plan.ServeFilter.Length > 0)
        {
            Install(plan.ServeFilter);
        }

        Execute((byte*)Marshal.StringToCoTaskMemUTF8(plan.ForeignProgram), arguments);
    }

    // The path by which the kernel started this program: there may be no /proc to ask.
    private static void Reexecute(string[] arguments) => Execute((byte*)Libc.getauxval(Libc.AT_EXECFN), arguments);

    private static void Execute(byte* path, string[] arguments)
    {
        string[] words = [Marshal.PtrToStringUTF8((nint)path)!, .. arguments];
        byte** native = stackalloc byte*[words.Length + 1];
        for (int i = 0; i < words.Length; i++)
        {
            // Freed by the new program's start, or by the end of this one.
            native[i] = (byte*)Marshal.StringToCoTaskMemUTF8(words[i]);
        }

        native[words.Length] = null;
        _ = Libc.execv(path, native);
        throw ErrnoException.FromLastError("execv", words[0]);
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw ErrnoException.FromLastError(call);
        }
    }
}
