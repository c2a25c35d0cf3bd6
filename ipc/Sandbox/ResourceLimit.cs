namespace SplitVmm.Sandbox;

/// <summary>A limit of <c>setrlimit(2)</c>, soft and hard alike.</summary>
/// <param name="Resource">Number of <c>asm-generic/resource.h</c>, for example <see cref="RLIMIT_NOFILE"/>.</param>
/// <param name="Value">In the unit of the resource.</param>
public sealed record ResourceLimit(int Resource, ulong Value)
{
    public const int RLIMIT_FSIZE = 1;
    public const int RLIMIT_CORE = 4;
    public const int RLIMIT_NPROC = 6;
    public const int RLIMIT_NOFILE = 7;
    public const int RLIMIT_MEMLOCK = 8;
    public const int RLIMIT_MSGQUEUE = 12;
}
