namespace SplitVmm.Platform.Descriptors;

/// <summary>Seals of <c>memfd_create(2)</c>, values of <c>linux/fcntl.h</c>.</summary>
[Flags]
public enum Seals
{
    None = 0,
    F_SEAL_SEAL = 1,
    F_SEAL_SHRINK = 2,
    F_SEAL_GROW = 4,
    F_SEAL_WRITE = 8,
    F_SEAL_FUTURE_WRITE = 16,
}
