using System.Globalization;
using SplitVmm.DesktopService.Interop;
using SplitVmm.DesktopService.Sandboxing.Policies;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>Makes the kernel's filter programs out of a policy, by libseccomp.</summary>
internal static unsafe class FilterCompiler
{
    private const int EPERM = 1;

    /// <summary>libseccomp is installed.</summary>
    public static bool IsAvailable { get; } = System.Runtime.InteropServices.NativeLibrary.TryLoad(Libseccomp.Library, out _);

    /// <summary>Of libseccomp; null: it is not installed.</summary>
    public static string? Version
    {
        get
        {
            if (!IsAvailable)
            {
                return null;
            }

            // The structure is the library's own, and never changes.
            uint* version = Libseccomp.seccomp_version();
            return string.Create(CultureInfo.InvariantCulture, $"{version[0]}.{version[1]}.{version[2]}");
        }
    }

    /// <summary>What holds while the process starts: all is allowed but what the policy refuses from the start.</summary>
    public static byte[] CompileStart(Policy policy) =>
        Compile(policy, Libseccomp.SCMP_ACT_ALLOW, policy.Groups.Where(group => group.FromStart));

    /// <summary>What holds once the process serves: nothing is allowed but what the policy allows.</summary>
    public static byte[] CompileServe(Policy policy) =>
        Compile(policy, Libseccomp.SCMP_ACT_ERRNO(EPERM), policy.Groups);

    private static byte[] Compile(Policy policy, uint otherwise, IEnumerable<CallGroup> groups)
    {
        using var context = Libseccomp.seccomp_init(otherwise);
        if (context.IsInvalid)
        {
            throw new ErrnoException("seccomp_init", Errno.ENOMEM);
        }

        // Another instruction set's numbers mean other calls.
        Check(Libseccomp.seccomp_attr_set(context, Libseccomp.SCMP_FLTATR_ACT_BADARCH, Libseccomp.SCMP_ACT_KILL_PROCESS), "seccomp_attr_set");
        // A binary tree: the time of a call does not grow with its place in the file. libseccomp 2.5.
        Check(Libseccomp.seccomp_attr_set(context, Libseccomp.SCMP_FLTATR_CTL_OPTIMIZE, 2), "seccomp_attr_set");
        foreach (CallGroup group in groups)
        {
            uint action = group.Kind switch
            {
                CallGroupKind.Allow => Libseccomp.SCMP_ACT_ALLOW,
                CallGroupKind.Refuse => Libseccomp.SCMP_ACT_ERRNO(group.Errno),
                _ => Libseccomp.SCMP_ACT_KILL_PROCESS,
            };
            foreach (CallRule call in group.Calls)
            {
                Add(context, action, policy, group, call, redundant: action == otherwise);
            }
        }

        using MemFd file = MemFd.Create("splitvmm-filter", 0, Seals.None);
        Check(Libseccomp.seccomp_export_bpf(context, file.Number), "seccomp_export_bpf");
        return ReadBack(file);
    }

    private static void Add(Libseccomp.Filter context, uint action, Policy policy, CallGroup group, CallRule call, bool redundant)
    {
        int number = Libseccomp.seccomp_syscall_resolve_name(call.Name);
        if (number == Libseccomp.__NR_SCMP_ERROR)
        {
            throw new PolicyException(policy.Program + ".policy", group.Line, $"this libseccomp knows no system call '{call.Name}'");
        }

        if (redundant)
        {
            return;
        }

        Libseccomp.ArgumentComparison* tests = stackalloc Libseccomp.ArgumentComparison[call.Tests.Count + 1];
        for (int i = 0; i < call.Tests.Count; i++)
        {
            tests[i] = new Libseccomp.ArgumentComparison
            {
                Argument = (uint)call.Tests[i].Index,
                Operation = Libseccomp.SCMP_CMP_MASKED_EQ,
                DatumA = call.Tests[i].Mask,
                DatumB = call.Tests[i].Value,
            };
        }

        int result = Libseccomp.seccomp_rule_add_array(context, action, number, (uint)call.Tests.Count, tests);
        if (result < 0)
        {
            string reason = new ErrnoException("seccomp_rule_add_array", -result, call.Name).Message;
            throw new PolicyException(policy.Program + ".policy", group.Line, reason);
        }
    }

    private static byte[] ReadBack(MemFd file)
    {
        _ = MemFd.TryGetSize(file, out long size);
        var bytes = new byte[size];
        fixed (byte* buffer = bytes)
        {
            // The array is as long as what is asked for.
            return Libc.pread(file, buffer, (nuint)size, 0) == size ? bytes : throw ErrnoException.FromLastError("pread", "a compiled filter");
        }
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw new ErrnoException(call, -result);
        }
    }
}
