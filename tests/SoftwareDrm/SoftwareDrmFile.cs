using System.Text;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Native.Uapi;
using SplitVmm.Platform.Descriptors;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.SoftwareDrm;

/// <summary>An open file of the device: handles of GEM objects and synchronisation objects, and the driver's part.</summary>
internal sealed unsafe class SoftwareDrmFile : IDrmFile
{
    private readonly Dictionary<uint, SoftwareGem> _gems = [];
    private readonly Dictionary<uint, SoftwareFence?> _syncobjs = [];
    private readonly SoftwareDriver _driver;
    private uint _nextHandle = 1;

    public SoftwareDrmFile(SoftwareDrmDevice device, Func<SoftwareDrmFile, SoftwareDriver> makeDriver)
    {
        Device = device;
        _driver = makeDriver(this);
    }

    public SoftwareDrmDevice Device { get; }

    /// <summary>Everything that is left in it.</summary>
    public int Count => _gems.Count + _syncobjs.Count + _driver.Count;

    public int Ioctl(uint number, void* argument)
    {
        _ = Device.Calls.AddOrUpdate(number, 1, (_, calls) => calls + 1);
        if (Device.Fails?.Invoke(number) is { } errno and not 0)
        {
            return errno;
        }

        lock (Device.Sync)
        {
            // The caller has an argument of the type that belongs to the number.
            return number switch
            {
                Drm.DRM_IOCTL_VERSION => Version((DrmVersion*)argument),
                Drm.DRM_IOCTL_GEM_CLOSE => Close(((DrmGemClose*)argument)->Handle),
                Drm.DRM_IOCTL_PRIME_HANDLE_TO_FD => Export((DrmPrimeHandle*)argument),
                Drm.DRM_IOCTL_PRIME_FD_TO_HANDLE => Import((DrmPrimeHandle*)argument),
                Drm.DRM_IOCTL_SYNCOBJ_CREATE => CreateSyncobj((DrmSyncobjCreate*)argument),
                Drm.DRM_IOCTL_SYNCOBJ_DESTROY => DestroySyncobj(((DrmSyncobjDestroy*)argument)->Handle),
                Drm.DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD => ExportFence((DrmSyncobjHandle*)argument),
                Drm.DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE => ImportFence((DrmSyncobjHandle*)argument),
                _ => _driver.Ioctl(number, argument) ?? Violation($"ioctl 0x{number:X8}"),
            };
        }
    }

    public int Ioctl(Descriptor file, uint number, void* argument)
    {
        _ = Device.Calls.AddOrUpdate(number, 1, (_, calls) => calls + 1);
        if (Device.Fails?.Invoke(number) is { } errno and not 0)
        {
            return errno;
        }

        lock (Device.Sync)
        {
            FileIdentity identity = FileIdentity.Of(file);
            switch (number)
            {
                case DmaBuf.DMA_BUF_IOCTL_SYNC:
                    return 0;
                case DmaBuf.DMA_BUF_IOCTL_EXPORT_SYNC_FILE when Device.Gems.TryGetValue(identity, out SoftwareGem? gem):
                    ((DmaBufSyncFile*)argument)->Fd = TakeNumber(gem.LastUse is { } use ? use.Export() : Signalled());
                    return 0;
                case DmaBuf.DMA_BUF_IOCTL_IMPORT_SYNC_FILE when Device.Gems.TryGetValue(identity, out SoftwareGem? gem):
                    if (FenceOf(((DmaBufSyncFile*)argument)->Fd) is { } fence)
                    {
                        gem.UsedBy(fence);
                    }

                    return 0;
                case DmaBuf.SYNC_IOC_FILE_INFO:
                    ((SyncFileInfo*)argument)->Status = Device.StatusOf(identity);
                    return 0;
                default:
                    return Violation($"ioctl 0x{number:X8} of a file that is none for it");
            }
        }
    }

    /// <summary>Takes a new object.</summary>
    public uint Add(SoftwareGem gem)
    {
        Device.Gems.TryAdd(gem.Identity, gem);
        uint handle = _nextHandle++;
        _gems.Add(handle, gem.AddUser());
        return handle;
    }

    public SoftwareGem? Gem(uint handle) => _gems.GetValueOrDefault(handle);

    public bool HasSyncobj(uint handle) => _syncobjs.ContainsKey(handle);

    /// <summary>Puts a fence into a synchronisation object that exists.</summary>
    public void SetSyncobj(uint handle, SoftwareFence fence)
    {
        _syncobjs[handle]?.RemoveUser();
        _syncobjs[handle] = fence.AddUser();
    }

    /// <summary>A descriptor's number, which is the receiver's from then on.</summary>
    public static int TakeNumber(Descriptor file)
    {
        int number = file.Number;
        file.SetHandleAsInvalid();
        return number;
    }

    public void Dispose()
    {
        lock (Device.Sync)
        {
            foreach (SoftwareGem gem in _gems.Values)
            {
                Release(gem);
            }

            foreach (SoftwareFence? fence in _syncobjs.Values)
            {
                fence?.RemoveUser();
            }

            _gems.Clear();
            _syncobjs.Clear();
        }
    }

    private int Version(DrmVersion* version)
    {
        byte[] name = Encoding.UTF8.GetBytes(Device.Version.Name);
        name.AsSpan(0, Math.Min(name.Length, (int)version->NameLen)).CopyTo(new Span<byte>(version->Name, (int)version->NameLen));
        version->NameLen = (nuint)name.Length;
        version->VersionMajor = (int)Device.Version.Major;
        version->VersionMinor = (int)Device.Version.Minor;
        version->VersionPatchlevel = (int)Device.Version.Patchlevel;
        return 0;
    }

    private int Close(uint handle)
    {
        if (!_gems.Remove(handle, out SoftwareGem? gem))
        {
            return Violation($"GEM_CLOSE of {handle}");
        }

        Release(gem);
        return 0;
    }

    private void Release(SoftwareGem gem)
    {
        if (gem.RemoveUser())
        {
            _ = Device.Gems.Remove(gem.Identity);
        }
    }

    private int Export(DrmPrimeHandle* request)
    {
        if (!_gems.TryGetValue(request->Handle, out SoftwareGem? gem))
        {
            return Violation($"PRIME_HANDLE_TO_FD of {request->Handle}");
        }

        request->Fd = TakeNumber(gem.Memory.Duplicate());
        return 0;
    }

    private int Import(DrmPrimeHandle* request)
    {
        using Descriptor file = Copy(request->Fd);
        FileIdentity identity = FileIdentity.Of(file);
        foreach ((uint handle, SoftwareGem known) in _gems)
        {
            if (known.Identity == identity)
            {
                request->Handle = handle;
                return 0;
            }
        }

        if (!Device.Gems.TryGetValue(identity, out SoftwareGem? gem))
        {
            if (!MemFd.TryGetSize(file, out long size))
            {
                return EINVAL;
            }

            gem = new SoftwareGem(file.Duplicate(), (ulong)size);
        }

        request->Handle = Add(gem);
        return 0;
    }

    private int CreateSyncobj(DrmSyncobjCreate* request)
    {
        request->Handle = _nextHandle++;
        _syncobjs.Add(request->Handle, null);
        return 0;
    }

    private int DestroySyncobj(uint handle)
    {
        if (!_syncobjs.Remove(handle, out SoftwareFence? fence))
        {
            return Violation($"SYNCOBJ_DESTROY of {handle}");
        }

        fence?.RemoveUser();
        return 0;
    }

    private int ExportFence(DrmSyncobjHandle* request)
    {
        if (!_syncobjs.TryGetValue(request->Handle, out SoftwareFence? fence) || fence is null)
        {
            return Violation($"SYNCOBJ_HANDLE_TO_FD of {request->Handle}");
        }

        request->Fd = TakeNumber(fence.Export());
        return 0;
    }

    private int ImportFence(DrmSyncobjHandle* request)
    {
        if (!_syncobjs.ContainsKey(request->Handle))
        {
            return Violation($"SYNCOBJ_FD_TO_HANDLE of {request->Handle}");
        }

        if (FenceOf(request->Fd) is { } fence)
        {
            SetSyncobj(request->Handle, fence);
        }

        return 0;
    }

    private SoftwareFence? FenceOf(int syncFile)
    {
        using Descriptor file = Copy(syncFile);
        return Device.Find(FileIdentity.Of(file));
    }

    private static Descriptor Copy(int number)
    {
        var borrowed = new Descriptor(number);
        try
        {
            return borrowed.Duplicate();
        }
        finally
        {
            borrowed.SetHandleAsInvalid();
        }
    }

    private static Descriptor Signalled()
    {
        var fence = new SoftwareFence();
        fence.Complete(0);
        Descriptor file = fence.Export();
        fence.RemoveUser();
        return file;
    }

    private int Violation(string what)
    {
        Device.Violated(what);
        return EINVAL;
    }
}
