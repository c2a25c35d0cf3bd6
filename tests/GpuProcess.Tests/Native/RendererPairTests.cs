using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Msm.MsmCcmd;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>
/// Two renderers side by side. The one that stands for virglrenderer here is of another GPU, which shows what reaches it.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed unsafe class RendererPairTests : IDisposable
{
    private const uint OpenGl = 1;
    private const uint Drm = 2;

    private readonly EventLoop _loop = new();
    private readonly RetiredFences _retired = new();
    private readonly SoftwareDrmDevice _generalDevice = SoftwareMsm.CreateDevice();
    private readonly SoftwareDrmDevice _nativeDevice = SoftwareAsahi.CreateDevice();
    private readonly RendererPair<NativeRenderer> _pair;

    public RendererPairTests()
    {
        _pair = new RendererPair<NativeRenderer>(Start(_generalDevice), Start(_nativeDevice));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _pair.CreateContext(OpenGl, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2, default));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _pair.CreateContext(Drm, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, default));
    }

    [Fact]
    public void Contexts_GoByTheirCapabilitySet()
    {
        Assert.Equal((1, 1), (_generalDevice.OpenFiles, _nativeDevice.OpenFiles));
        Assert.Equal(2, _pair.Capsets.Length);
        Assert.Contains("asahi", _pair.Identity.ToString(), StringComparison.Ordinal);
        _pair.DestroyContext(OpenGl);
        Assert.Equal((0, 1), (_generalDevice.OpenFiles, _nativeDevice.OpenFiles));
        _pair.DestroyContext(Drm);
        Assert.Equal((0, 0), (_generalDevice.OpenFiles, _nativeDevice.OpenFiles));
    }

    [Fact]
    public void StreamsAndBlobs_GoToTheirContexts()
    {
        BlobResource theirs = Make(OpenGl, 10, new VdrmStream().Add(MSM_CCMD_GEM_NEW, MsmGuest.GemNew(3, 4096)).Take(), 4096);
        BlobResource ours = Make(Drm, 11, new VdrmStream().Add(ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(0, 3, 1 << 14) with { Addr = 0 }).Take(), 1 << 14);
        Assert.Equal((1, 1), (_generalDevice.Gems.Count, _nativeDevice.Gems.Count));
        foreach (BlobResource blob in (BlobResource[])[theirs, ours])
        {
            Assert.True(_pair.TryExport(blob, out Descriptor? file, out _, out string why), why);
            file.Dispose();
        }

        // What is not OpenGL's is no texture, and memory of one is none of the other.
        _pair.AttachToContext(OpenGl, ours);
        Assert.Single(_generalDevice.Gems);
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _pair.TransferToHost3d(ours, default));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _pair.TransferToHost2d(ours, default));
        _pair.Destroy(theirs);
        _pair.Destroy(ours);
        Assert.Equal((0, 0), (_generalDevice.Gems.Count, _nativeDevice.Gems.Count));
    }

    [Fact]
    public void PicturesAndGuestMemory_AreTheFirstOnes()
    {
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _pair.Create2d(
            new VirtioGpuResourceCreate2d { ResourceId = 5, Format = VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, Width = 4, Height = 4 }, 64, out GpuResource? picture));
        uint* pixels = stackalloc uint[16];
        Assert.True(_pair.TryReadPixels(picture!, new VirtioGpuRect(0, 0, 4, 4), (byte*)pixels, 16));
        _pair.Destroy(picture!);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _pair.CreateBlob(
            new VirtioGpuResourceCreateBlob { ResourceId = 6, BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST, Size = 4096, Hdr = { CtxId = Drm } }, null, out BlobResource? blob));
        Assert.False(blob!.IsInRenderer);
    }

    [Fact]
    public void Fences_GoToTheirContexts()
    {
        Assert.True(_pair.TryCreateContextFence(new FenceTimelineId(Drm, 0), 1));
        Assert.True(_pair.TryCreateContextFence(new FenceTimelineId(OpenGl, 0), 2));
        // asahi has rings up to 2, msm here up to 3.
        Assert.False(_pair.TryCreateContextFence(new FenceTimelineId(Drm, 3), 3));
        Assert.True(_pair.TryCreateContextFence(new FenceTimelineId(OpenGl, 3), 4));
        _pair.Poll();
    }

    public void Dispose()
    {
        _pair.Dispose();
        _retired.Dispose();
        _loop.Dispose();
        Assert.Empty(_generalDevice.Violations);
        Assert.Empty(_nativeDevice.Violations);
    }

    private NativeRenderer Start(SoftwareDrmDevice device) => NativeRenderer.Start(device, _loop, _retired, new NativeLimits(), new GuestLog(_ => { }));

    private BlobResource Make(uint context, uint resource, byte[] stream, ulong size)
    {
        fixed (byte* bytes = stream)
        {
            Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _pair.Submit(context, bytes, (uint)stream.Length));
        }

        var request = new VirtioGpuResourceCreateBlob
        {
            Hdr = { CtxId = context },
            ResourceId = resource,
            BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D,
            BlobFlags = NativeRig.Shared,
            BlobId = 3,
            Size = size,
        };
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _pair.CreateBlob(request, null, out BlobResource? made));
        return made!;
    }
}
