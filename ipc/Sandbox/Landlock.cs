using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Sandbox.Interop;

namespace SplitVmm.Sandbox;

/// <summary>
/// Landlock (<c>Documentation/userspace-api/landlock.rst</c> of Linux): the calling thread, what it starts and what it
/// executes reach the granted files only, no TCP port, no abstract socket and no process outside.
/// </summary>
internal static unsafe class Landlock
{
    private const nint LANDLOCK_CREATE_RULESET_VERSION = 1;
    private const nint LANDLOCK_RULE_PATH_BENEATH = 1;

    private const ulong EXECUTE = 1 << 0;
    private const ulong WRITE_FILE = 1 << 1;
    private const ulong READ_FILE = 1 << 2;
    private const ulong READ_DIR = 1 << 3;
    private const ulong REMOVE_FILE = 1 << 5;
    private const ulong MAKE_DIR = 1 << 7;
    private const ulong MAKE_REG = 1 << 8;
    private const ulong TRUNCATE = 1 << 14;
    private const ulong IOCTL_DEV = 1 << 15;
    private const ulong BIND_AND_CONNECT_TCP = 3;
    private const ulong SCOPE_ABSTRACT_UNIX_SOCKET_AND_SIGNAL = 3;

    /// <summary>Rights that make sense on a file that is no folder; the kernel refuses others there.</summary>
    private const ulong OfFiles = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

    private const ulong Reading = EXECUTE | READ_FILE | READ_DIR;

    /// <summary>The version of the running kernel; 0: it has none, or it is switched off.</summary>
    public static int Abi()
    {
        nint version = Libc.syscall(Libc.SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION, 0);
        return version > 0 ? (int)version : 0;
    }

    /// <summary>Restricts the calling thread for ever. It must have no-new-privileges set.</summary>
    /// <exception cref="ErrnoException">The kernel has Landlock and refused.</exception>
    public static void Restrict(int abi, IReadOnlyList<FileGrant> files)
    {
        var attributes = new Libc.RulesetAttributes
        {
            HandledAccessFs = HandledFiles(abi),
            HandledAccessNet = BIND_AND_CONNECT_TCP,
            Scoped = SCOPE_ABSTRACT_UNIX_SOCKET_AND_SIGNAL,
        };
        // A kernel refuses fields that it does not know, unless they are left out.
        nint size = abi switch { < 4 => 8, < 6 => 16, _ => sizeof(Libc.RulesetAttributes) };
        nint result = Libc.syscall(Libc.SYS_landlock_create_ruleset, (nint)(&attributes), size, 0, 0);
        using Descriptor ruleset = result >= 0 ? new Descriptor((int)result) : throw ErrnoException.FromLastError("landlock_create_ruleset");
        foreach (FileGrant file in files)
        {
            Grant(ruleset, file, attributes.HandledAccessFs);
        }

        if (Libc.syscall(Libc.SYS_landlock_restrict_self, ruleset.Number, 0, 0, 0) < 0)
        {
            throw ErrnoException.FromLastError("landlock_restrict_self");
        }
    }

    private static ulong HandledFiles(int abi)
    {
        // REFER is bit 13, TRUNCATE 14, IOCTL_DEV 15.
        int bits = abi switch { 1 => 13, 2 => 14, < 5 => 15, _ => 16 };
        return (1UL << bits) - 1;
    }

    private static void Grant(Descriptor ruleset, FileGrant file, ulong handled)
    {
        int fd = Libc.open(file.Path, Libc.O_PATH | Libc.O_CLOEXEC);
        if (fd < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            // What is not there needs no right.
            if (errno is Errno.ENOENT or Errno.EACCES)
            {
                return;
            }

            throw new ErrnoException("open", errno, file.Path);
        }

        using var path = new Descriptor(fd);
        ulong wanted = file.Use switch
        {
            FileUse.Read => Reading,
            FileUse.Look => READ_FILE | READ_DIR,
            FileUse.Write => READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | REMOVE_FILE | MAKE_REG | MAKE_DIR,
            _ => Reading | WRITE_FILE | IOCTL_DEV,
        };
        var rule = new Libc.PathBeneath
        {
            AllowedAccess = wanted & handled & (Directory.Exists(file.Path) ? ulong.MaxValue : OfFiles),
            ParentFd = fd,
        };
        if (Libc.syscall(Libc.SYS_landlock_add_rule, ruleset.Number, LANDLOCK_RULE_PATH_BENEATH, (nint)(&rule), 0) < 0)
        {
            throw ErrnoException.FromLastError("landlock_add_rule", file.Path);
        }
    }
}
