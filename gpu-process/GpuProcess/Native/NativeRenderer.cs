using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Software;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Native;

/// <summary>
/// DRM native contexts, capability set 6, without any graphics library: the guest has the driver of the GPU, and here its
/// commands become checked ioctls of the kernel's driver. 2D is software's.
/// </summary>
internal sealed unsafe class NativeRenderer : IRenderer3d, IBlobRenderer
{
    /// <summary>Blobs that are kept by a descriptor of their own.</summary>
    private const int MostKept = 1024;

    private readonly IDrmDevice _device;
    private readonly NativeDriver _driver;
    private readonly byte[] _capset;
    private readonly Capset[] _capsets;
    private readonly EventLoop _loop;
    private readonly RetiredFences _retired;
    private readonly NativeLimits _limits;
    private readonly GuestLog _log;
    private readonly DescriptorPool _descriptors = new();
    private readonly SoftwareRenderer _pictures = new();
    private readonly Dictionary<uint, NativeContext> _contexts = [];
    private readonly Dictionary<uint, NativeBlob> _blobs = [];
    private int _kept;

    private NativeRenderer(
        IDrmDevice device, NativeDriver driver, byte[] capset, EventLoop loop, RetiredFences retired, NativeLimits limits, GuestLog log)
    {
        _device = device;
        _driver = driver;
        _capset = capset;
        _capsets = [new Capset(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, 0, (uint)capset.Length)];
        _loop = loop;
        _retired = retired;
        _limits = limits;
        _log = log;
        Identity = new RendererIdentity($"DRM native contexts on {device.Description}", "", "", "");
    }

    public RendererIdentity Identity { get; }

    public NativeStatistics Statistics { get; } = new();

    public ReadOnlySpan<Capset> Capsets => _capsets;

    /// <summary>Sync files are watched one by one.</summary>
    public Descriptor? PollDescriptor => null;

    public bool MustPoll => false;

    /// <summary>Starts on a device, whose driver has to be one of <see cref="NativeDrivers"/>.</summary>
    /// <param name="device">Owned from here on, also if this fails.</param>
    /// <param name="log">Takes lines about what guests do wrong.</param>
    /// <exception cref="NativeException">The device will not do, with the reason.</exception>
    public static NativeRenderer Start(IDrmDevice device, EventLoop loop, RetiredFences retired, NativeLimits limits, GuestLog log)
    {
        try
        {
            NativeDriver driver = NativeDrivers.Create().FirstOrDefault(driver => driver.Name == device.Version.Name)
                ?? throw new NativeException($"{device.Description} has a driver without native contexts");
            if (!device.TryOpen(out IDrmFile? file))
            {
                throw new NativeException($"{device.Description} cannot be opened a second time");
            }

            byte[]? capset = driver.Probe(file, device, out string why);
            device.Return(file, isEmpty: capset is not null);
            return capset is not null
                ? new NativeRenderer(device, driver, capset, loop, retired, limits, log)
                : throw new NativeException($"--gpu drm_native_context=on: {device.Description} {why}");
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public void FillCapset(in Capset capset, uint version, Span<byte> destination)
    {
        destination.Clear();
        _capset.CopyTo(destination);
    }

    /// <summary>Makes a native context; one without a type has nothing here, and what is submitted to it is refused.</summary>
    public VirtioGpuCtrlType CreateContext(uint context, VirtioGpuCapsetId type, ReadOnlySpan<byte> name)
    {
        if (type == VirtioGpuCapsetId.None)
        {
            return VIRTIO_GPU_RESP_OK_NODATA;
        }

        if (!_device.TryOpen(out IDrmFile? file))
        {
            _log.Write($"native context {context}: {_device.Description} has no file left for another context");
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        _contexts.Add(context, _driver.CreateContext(
            new NativeContextSetup(context, file, _loop, _retired, _limits, Statistics, _descriptors, _log)));
        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    public void DestroyContext(uint context)
    {
        if (!_contexts.Remove(context, out NativeContext? ended))
        {
            return;
        }

        foreach (NativeBlob blob in _blobs.Values)
        {
            RemoveHolder(blob, ended);
        }

        ended.Dispose();
        _device.Return(ended.File, ended.LeftNothing);
    }

    public void AttachToContext(uint context, GpuResource resource)
    {
        // Pictures of 2D have no memory that a GPU could use.
        if (resource is NativeBlob { Object: not null } blob && _contexts.TryGetValue(context, out NativeContext? importer)
            && !blob.Holders.Contains(importer) && blob.TryExport(out Descriptor? file, out _))
        {
            using (file)
            {
                if (importer.TryImport(blob.Id, file, blob.Object.Size))
                {
                    blob.Holders.Add(importer);
                }
            }
        }
    }

    public void DetachFromContext(uint context, GpuResource resource)
    {
        if (resource is NativeBlob blob && _contexts.TryGetValue(context, out NativeContext? holder))
        {
            RemoveHolder(blob, holder);
        }
    }

    public VirtioGpuCtrlType CreateBlob(in VirtioGpuResourceCreateBlob request, GuestBacking? backing, out BlobResource? resource)
    {
        resource = null;
        if (request.BlobMem == VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST)
        {
            resource = new BlobResource(request.ResourceId, request.BlobMem, request.BlobFlags, request.Size);
            return VIRTIO_GPU_RESP_OK_NODATA;
        }

        if (!_contexts.TryGetValue(request.Hdr.CtxId, out NativeContext? context))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        if (request.BlobMem != VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        GemObject? gem = null;
        int error = request.BlobId != 0 ? context.MakeResource(request.BlobId, request.ResourceId, request.Size, out gem)
            : request.BlobFlags == VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE ? context.MakePage(request.Size)
            : Errno.EINVAL;
        if (error != 0)
        {
            return error == Errno.ENOMEM ? VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        var blob = new NativeBlob(request, context, gem);
        _blobs.Add(blob.Id, blob);
        resource = blob;
        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    public bool TryExport(BlobResource resource, [NotNullWhen(true)] out Descriptor? file, out VirtioGpuMapInfo cache, out string why)
    {
        file = null;
        why = "it has no memory of the host";
        var blob = resource as NativeBlob;
        cache = blob?.Object?.Cache ?? VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED;
        return blob is not null && blob.TryExport(out file, out why);
    }

    public VirtioGpuCtrlType Submit(uint context, void* stream, uint bytes)
    {
        if (!_contexts.TryGetValue(context, out NativeContext? submitter))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        // The caller has made a copy of so many bytes, which nobody writes to during the call.
        return submitter.Submit(new ReadOnlySpan<byte>(stream, (int)bytes))
            ? VIRTIO_GPU_RESP_OK_NODATA
            : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }

    /// <summary>What names no ring is complete when it has been carried out.</summary>
    public bool TryCreateFence(uint fence)
    {
        _retired.Add(new RetiredFence(FenceTimelineId.Global, fence));
        return true;
    }

    public bool TryCreateContextFence(FenceTimelineId timeline, uint fence) =>
        _contexts.TryGetValue(timeline.Context, out NativeContext? context) && context.TryFence(timeline, fence);

    public void Poll()
    {
        foreach (NativeContext context in _contexts.Values)
        {
            context.Poll();
        }
    }

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource) =>
        _pictures.Create2d(request, hostBytes, out resource);

    public void Destroy(GpuResource resource)
    {
        if (resource is not NativeBlob blob)
        {
            _pictures.Destroy(resource);
            return;
        }

        _ = _blobs.Remove(blob.Id);
        foreach (NativeContext holder in blob.Holders)
        {
            holder.Objects.Remove(blob.Id);
        }

        _kept -= blob.IsKept ? 1 : 0;
        blob.Dispose();
    }

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) => resource is NativeBlob
        ? VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER
        : _pictures.AttachBacking(resource, backing);

    public void DetachBacking(GpuResource resource) => _pictures.DetachBacking(resource);

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request) => resource is SoftwareResource
        ? _pictures.TransferToHost2d(resource, request)
        : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    public bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride) =>
        resource is SoftwareResource && _pictures.TryReadPixels(resource, area, destination, stride);

    // Formats and transfers are OpenGL's, which is the other renderer's.
    public VirtioGpuCtrlType Create3d(in VirtioGpuResourceCreate3d request, out GpuResource? resource)
    {
        resource = null;
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }

    public VirtioGpuCtrlType TransferToHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) => VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    public VirtioGpuCtrlType Fill(GpuResource resource, in VirtioGpuTransferHost3d request, ReadOnlySpan<byte> contents) =>
        VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    public VirtioGpuCtrlType TransferFromHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) => VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    public void Reset()
    {
    }

    public void Dispose()
    {
        foreach (uint context in _contexts.Keys.ToArray())
        {
            DestroyContext(context);
        }

        foreach (NativeBlob blob in _blobs.Values)
        {
            blob.Dispose();
        }

        _device.Dispose();
        _pictures.Dispose();
    }

    private void RemoveHolder(NativeBlob blob, NativeContext holder)
    {
        bool wasKept = blob.IsKept;
        blob.RemoveHolder(holder, _kept < MostKept);
        _kept += blob.IsKept && !wasKept ? 1 : 0;
    }
}
