using System.Runtime.InteropServices;

namespace SplitVmm.DesktopService.Interop;

/// <summary><c>seccomp.h</c> of libseccomp 2.5. Functions return 0, or the negative of an error number.</summary>
internal static unsafe partial class Libseccomp
{
    public const string Library = "libseccomp.so.2";

    public const uint SCMP_ACT_KILL_PROCESS = 0x8000_0000;
    public const uint SCMP_ACT_ALLOW = 0x7fff_0000;

    public const int SCMP_FLTATR_ACT_BADARCH = 2;
    public const int SCMP_FLTATR_CTL_OPTIMIZE = 8;

    public const int SCMP_CMP_MASKED_EQ = 7;

    public const int __NR_SCMP_ERROR = -1;

    public static uint SCMP_ACT_ERRNO(int errno) => 0x0005_0000 | (uint)errno;

    /// <summary>A <c>struct scmp_version</c> of three numbers, which belongs to the library.</summary>
    [LibraryImport(Library)]
    public static partial uint* seccomp_version();

    [LibraryImport(Library)]
    public static partial Filter seccomp_init(uint defaultAction);

    [LibraryImport(Library)]
    public static partial int seccomp_attr_set(Filter filter, int attribute, uint value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int seccomp_syscall_resolve_name(string name);

    [LibraryImport(Library)]
    public static partial int seccomp_rule_add_array(
        Filter filter, uint action, int call, uint count, ArgumentComparison* comparisons);

    [LibraryImport(Library)]
    public static partial int seccomp_export_bpf(Filter filter, int fd);

    [LibraryImport(Library)]
    private static partial void seccomp_release(nint filter);

    /// <summary><c>struct scmp_arg_cmp</c>, 24 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ArgumentComparison
    {
        public uint Argument;
        public int Operation;
        public ulong DatumA;
        public ulong DatumB;
    }

    /// <summary><c>scmp_filter_ctx</c>.</summary>
    public sealed class Filter : SafeHandle
    {
        public Filter()
            : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            seccomp_release(handle);
            return true;
        }
    }
}
