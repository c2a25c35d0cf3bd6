using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Software;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>
/// A renderer whose fences are in the test's hands: what the device does with them is what is tested. Pixels are
/// those of the software renderer.
/// </summary>
internal class FakeRenderer3d(RetiredFences retired) : IRenderer3d
{
    private readonly SoftwareRenderer _pictures = new();
    private readonly Capset[] _capsets =
    [
        new(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL, 1, 308),
        new(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, 2, 1384),
    ];

    public RendererIdentity Identity => RendererIdentity.None;

    public ReadOnlySpan<Capset> Capsets => _capsets;

    public Descriptor? PollDescriptor => null;

    public bool MustPoll { get; init; }

    /// <summary>The next fences are refused.</summary>
    public volatile bool RefusesFences;

    /// <summary>Fences are reported from inside the call that makes them.</summary>
    public volatile bool RetiresAtOnce;

    public List<uint> Fences { get; } = [];

    /// <summary>Fences of rings; under the lock of <see cref="Fences"/>.</summary>
    public List<(FenceTimelineId Timeline, uint Fence)> ContextFences { get; } = [];

    /// <summary>What contexts were made for.</summary>
    public Dictionary<uint, VirtioGpuCapsetId> ContextTypes { get; } = [];

    public HashSet<uint> Contexts { get; } = [];

    public volatile int Polls;

    public volatile int Submits;

    public byte[] LastStream { get; private set; } = [];

    /// <summary>Whether <see cref="LastStream"/> is kept, which allocates.</summary>
    public bool KeepsStreams { get; init; } = true;

    /// <summary>Whether <see cref="Fences"/> grows.</summary>
    public bool CountsFences { get; init; } = true;

    /// <summary>Called for a context's id before (false) and after (true) it is made.</summary>
    public Action<uint, bool>? OnCreateContext { get; set; }

    /// <summary>Called before a fence is made.</summary>
    public Action? OnCreateFence { get; set; }

    public uint LastFence
    {
        get
        {
            lock (Fences)
            {
                return Fences.Count == 0 ? 0 : Fences[^1];
            }
        }
    }

    public bool TryCreateFence(uint fence)
    {
        OnCreateFence?.Invoke();
        if (RefusesFences)
        {
            return false;
        }

        if (CountsFences)
        {
            lock (Fences)
            {
                Fences.Add(fence);
            }
        }

        if (RetiresAtOnce)
        {
            retired.Add(new RetiredFence(FenceTimelineId.Global, fence));
        }

        return true;
    }

    public bool TryCreateContextFence(FenceTimelineId timeline, uint fence)
    {
        if (RefusesFences)
        {
            return false;
        }

        lock (Fences)
        {
            ContextFences.Add((timeline, fence));
        }

        if (RetiresAtOnce)
        {
            retired.Add(new RetiredFence(timeline, fence));
        }

        return true;
    }

    public void Poll() => Polls++;

    public unsafe VirtioGpuCtrlType Submit(uint context, void* stream, uint bytes)
    {
        Submits++;
        if (KeepsStreams)
        {
            LastStream = new ReadOnlySpan<byte>(stream, (int)bytes).ToArray();
        }

        return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
    }

    public void FillCapset(in Capset capset, uint version, Span<byte> destination) => destination.Fill((byte)capset.Id);

    public VirtioGpuCtrlType CreateContext(uint context, VirtioGpuCapsetId type, ReadOnlySpan<byte> name)
    {
        OnCreateContext?.Invoke(context, false);
        bool added = Contexts.Add(context);
        ContextTypes[context] = type;
        OnCreateContext?.Invoke(context, true);
        return added ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC;
    }

    public void DestroyContext(uint context) => Contexts.Remove(context);

    public void AttachToContext(uint context, GpuResource resource)
    {
    }

    public void DetachFromContext(uint context, GpuResource resource)
    {
    }

    public VirtioGpuCtrlType Create3d(in VirtioGpuResourceCreate3d request, out GpuResource? resource)
    {
        resource = null;
        if (request.Width > 4096 || request.Height > 4096)
        {
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        resource = new SoftwareResource(request.ResourceId, request.Width, request.Height, request.Format) { Is3d = true, IsPicture = PixelFormats.IsKnown(request.Format) };
        return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
    }

    public VirtioGpuCtrlType TransferToHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) =>
        VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;

    public VirtioGpuCtrlType Fill(GpuResource resource, in VirtioGpuTransferHost3d request, ReadOnlySpan<byte> contents) =>
        VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;

    public VirtioGpuCtrlType TransferFromHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) =>
        VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource) =>
        _pictures.Create2d(request, hostBytes, out resource);

    public void Destroy(GpuResource resource) => _pictures.Destroy(resource);

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) => _pictures.AttachBacking(resource, backing);

    public void DetachBacking(GpuResource resource) => _pictures.DetachBacking(resource);

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request) =>
        _pictures.TransferToHost2d(resource, request);

    public unsafe bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride) =>
        _pictures.TryReadPixels(resource, area, destination, stride);

    public void Reset()
    {
    }

    public void Dispose() => _pictures.Dispose();
}
