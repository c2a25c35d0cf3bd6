namespace SplitVmm.SoftwareDrm;

/// <summary>
/// What one kernel driver does in a file: its ioctls, and its objects beside GEM. It is strict: an argument that a kernel
/// driver would have to refuse is a violation, because gpu-process has to refuse it before.
/// </summary>
internal abstract unsafe class SoftwareDriver(SoftwareDrmFile file)
{
    protected SoftwareDrmFile File => file;

    /// <returns>0, or a positive errno; null: no such ioctl.</returns>
    public abstract int? Ioctl(uint number, void* argument);

    /// <summary>Objects that are left, beside GEM.</summary>
    public abstract int Count { get; }

    protected int Violation(string what)
    {
        file.Device.Violated(what);
        return Platform.Errors.Errno.EINVAL;
    }
}
