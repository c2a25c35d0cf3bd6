using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>The host-visible window of a test's guest: does what the device asks for.</summary>
internal sealed class GuestWindow : IDisposable
{
    private readonly Dictionary<ulong, SharedMapping> _mapped = [];

    public bool IsEmpty => _mapped.Count == 0;

    /// <summary>What is mapped at an offset.</summary>
    public SharedMapping this[ulong offset] => _mapped[offset];

    /// <summary>For <see cref="GpuGuest.OnMap"/>.</summary>
    public bool OnMap(VhostUserMMap range, Descriptor? file)
    {
        if (_mapped.Remove(range.ShmOffset, out SharedMapping? former))
        {
            former.Dispose();
        }

        if (file is not null)
        {
            _mapped.Add(range.ShmOffset, SharedMapping.Create(file, (long)range.FdOffset, (nuint)range.Length));
        }

        return true;
    }

    /// <summary>Takes every mapping away, as a front end does after a reset or when the device's process has gone.</summary>
    public void Clear()
    {
        foreach (SharedMapping mapping in _mapped.Values)
        {
            mapping.Dispose();
        }

        _mapped.Clear();
    }

    public void Dispose() => Clear();
}
