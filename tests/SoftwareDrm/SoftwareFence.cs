using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.SoftwareDrm.Interop;

namespace SplitVmm.SoftwareDrm;

/// <summary>A fence: a pipe, whose end can be read when the work is complete, is its sync file.</summary>
internal sealed unsafe class SoftwareFence : IDisposable
{
    private readonly Descriptor _read;
    private readonly Descriptor _write;
    private int _users = 1;

    public SoftwareFence()
    {
        int* pair = stackalloc int[2];
        if (Libc.pipe2(pair, Libc.O_CLOEXEC) < 0)
        {
            throw ErrnoException.FromLastError("pipe2");
        }

        _read = new Descriptor(pair[0]);
        _write = new Descriptor(pair[1]);
        Identity = FileIdentity.Of(_read);
    }

    public FileIdentity Identity { get; }

    /// <summary>0 until it is complete, then 1, or below 0 if the work has failed.</summary>
    public int Status { get; private set; }

    public Descriptor Export() => _read.Duplicate();

    public void Complete(int error)
    {
        if (Status == 0)
        {
            Status = error == 0 ? 1 : -error;
            byte one = 1;
            // A local of this frame.
            _ = Libc.write(_write, &one, 1);
        }
    }

    public SoftwareFence AddUser()
    {
        _users++;
        return this;
    }

    public void RemoveUser()
    {
        if (--_users == 0)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _read.Dispose();
        _write.Dispose();
    }
}
