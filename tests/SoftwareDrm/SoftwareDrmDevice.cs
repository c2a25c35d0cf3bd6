using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Native.Devices;

namespace SplitVmm.SoftwareDrm;

/// <summary>
/// A render node of software, behind the same interface as the kernel's: GEM objects are memfds, and submissions complete as
/// a test wants. Nothing executes them.
/// </summary>
internal sealed class SoftwareDrmDevice : IDrmDevice
{
    private readonly Func<SoftwareDrmFile, SoftwareDriver> _makeDriver;
    private readonly HashSet<SoftwareDrmFile> _files = [];
    private readonly List<SoftwareFence> _outstanding = [];
    private readonly Dictionary<FileIdentity, int> _failed = [];
    private readonly Timer _later;

    public SoftwareDrmDevice(DrmDriverVersion version, Func<SoftwareDrmFile, SoftwareDriver> makeDriver)
    {
        Version = version;
        _makeDriver = makeDriver;
        _later = new Timer(_ => CompleteAll(), null, Timeout.Infinite, Timeout.Infinite);
    }

    public Lock Sync { get; } = new();

    public string Description => $"a device of software ({Version.Name} {Version.Major}.{Version.Minor}.{Version.Patchlevel})";

    public DrmDriverVersion Version { get; }

    public PciIdentity? Pci { get; init; }

    public Completion Completion { get; set; }

    /// <summary>Work fails with it; 0: it succeeds.</summary>
    public int WorkError { get; set; }

    /// <summary>Files that can be open at once.</summary>
    public int MaxFiles { get; init; } = int.MaxValue;

    /// <summary>Asked before each ioctl; what is not 0 is its errno.</summary>
    public Func<uint, int>? Fails { get; set; }

    /// <summary>How often each ioctl was called.</summary>
    public ConcurrentDictionary<uint, int> Calls { get; } = new();

    /// <summary>What came through that had to be refused before.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>All GEM objects that some file has, by the identity of their memory.</summary>
    public Dictionary<FileIdentity, SoftwareGem> Gems { get; } = [];

    public int OpenFiles => _files.Count;

    /// <summary>Work that is not complete.</summary>
    public int Outstanding
    {
        get
        {
            lock (Sync)
            {
                return _outstanding.Count;
            }
        }
    }

    public bool TryOpen([NotNullWhen(true)] out IDrmFile? file)
    {
        file = null;
        if (_files.Count >= MaxFiles)
        {
            return false;
        }

        var opened = new SoftwareDrmFile(this, _makeDriver);
        _ = _files.Add(opened);
        file = opened;
        return true;
    }

    public void Return(IDrmFile file, bool isEmpty)
    {
        var returned = (SoftwareDrmFile)file;
        if (isEmpty && returned.Count != 0)
        {
            Violated($"a file was given back as empty that has {returned.Count} objects");
        }

        _ = _files.Remove(returned);
        returned.Dispose();
    }

    public void Violated(string what) => Violations.Enqueue(what);

    /// <summary>Begins some work.</summary>
    /// <returns>Its fence, for the caller to use and to let go.</returns>
    public SoftwareFence BeginWork()
    {
        lock (Sync)
        {
            var fence = new SoftwareFence();
            // The kernel uses numbers of files again.
            _ = _failed.Remove(fence.Identity);
            _outstanding.Add(fence.AddUser());
            switch (Completion)
            {
                case Completion.AtOnce:
                    CompleteAt(_outstanding.Count - 1, WorkError);
                    break;
                case Completion.Later:
                    _ = _later.Change(1, Timeout.Infinite);
                    break;
                default:
                    break;
            }

            return fence;
        }
    }

    /// <summary>Completes work, which may be any that is on its way.</summary>
    /// <param name="index">By age; 0 is the oldest.</param>
    public void Complete(int index, int error = 0)
    {
        lock (Sync)
        {
            CompleteAt(index, error);
        }
    }

    public void CompleteAll()
    {
        lock (Sync)
        {
            while (_outstanding.Count > 0)
            {
                CompleteAt(0, WorkError);
            }
        }
    }

    /// <summary>What became of the work behind a sync file: as <see cref="SoftwareFence.Status"/>.</summary>
    public int StatusOf(FileIdentity syncFile)
    {
        lock (Sync)
        {
            return _failed.TryGetValue(syncFile, out int status) ? status
                : _outstanding.Exists(fence => fence.Identity == syncFile) ? 0 : 1;
        }
    }

    /// <summary>The fence of a sync file that was given out; null: its work is complete, or it is none.</summary>
    public SoftwareFence? Find(FileIdentity syncFile)
    {
        lock (Sync)
        {
            return _outstanding.Find(fence => fence.Identity == syncFile);
        }
    }

    public void Dispose()
    {
        _later.Dispose();
        CompleteAll();
        foreach (SoftwareDrmFile file in _files)
        {
            file.Dispose();
        }

        _files.Clear();
    }

    private void CompleteAt(int index, int error)
    {
        SoftwareFence fence = _outstanding[index];
        _outstanding.RemoveAt(index);
        if (error != 0)
        {
            _failed[fence.Identity] = -error;
        }

        fence.Complete(error);
        fence.RemoveUser();
    }
}
