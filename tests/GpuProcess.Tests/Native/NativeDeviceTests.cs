using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Blobs;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>A guest's session over both virtqueues and the window, as Linux and Mesa have it.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeDeviceTests : IDisposable
{
    public const ulong Features = VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT
        | VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB;

    private const ulong Window = 16 << 20;
    private const ulong Size = 1 << 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(50);

    private readonly RetiredFences _retired = new();
    private readonly SoftwareDrmDevice _device = SoftwareAsahi.CreateDevice();
    private readonly InProcessGpu _gpu;
    private readonly GpuGuest _guest;
    private readonly GuestWindow _mapped = new();
    private readonly VdrmStream _stream = new();

    public NativeDeviceTests()
    {
        _gpu = new InProcessGpu(
            new GpuOptions { ContextTypes = ContextTypes.Drm, Blob = true, Hostmem = Window },
            retired: _retired,
            makeRenderer: loop => NativeRenderer.Start(_device, loop, _retired, new NativeLimits(), new GuestLog(_ => { })));
        _guest = _gpu.Connect();
        _guest.Start(Features);
        _guest.OnMap = _mapped.OnMap;
    }

    internal static void CreateContext(GpuGuest guest, uint context) => guest.Do(new VirtioGpuCtxCreate
    {
        Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = context },
        ContextInit = (uint)VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM,
    });

    [Fact]
    public void Capset_IsTheOnlyOne()
    {
        VirtioGpuRespCapsetInfo info = _guest.Ask<VirtioGpuGetCapsetInfo, VirtioGpuRespCapsetInfo>(
            new VirtioGpuGetCapsetInfo { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET_INFO } });
        Assert.Equal((VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, 24u), (info.CapsetId, info.CapsetMaxSize));
        Assert.Equal(1u, _guest.ReadConfig().NumCapsets);
        byte[] set = _guest.Send(
            new VirtioGpuGetCapset { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET }, CapsetId = info.CapsetId }, 24 + 24);
        Assert.Equal(DrmCapset.VIRTGPU_DRM_CONTEXT_ASAHI, MemoryMarshal.Read<DrmCapset>(set.AsSpan(24)).ContextType);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, new VirtioGpuCtxCreate
        {
            Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 1 },
            ContextInit = (uint)VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2,
        });
    }

    /// <summary>Linux makes one for its frame buffers, and would print each error.</summary>
    [Fact]
    public void ContextWithoutAType_HoldsPicturesAndTakesNoCommands()
    {
        _guest.Do(new VirtioGpuCtxCreate { Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = 3 } });
        _guest.Create2d(12, 64, 64);
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 12, 3));
        _stream.Add(ASAHI_CCMD_NOP, default(VdrmCcmdReq));
        _guest.Fail(
            VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, new VirtioGpuCmdSubmit { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = 3 }, Size = 16 }, _stream.Take());
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, 12, 3));
        _guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = 3 });
        // None of the device's files was taken for it.
        Assert.Equal(0, _device.OpenFiles);
    }

    [Fact]
    public void Session_DrawnIntoAndShown_ReachesTheDisplay()
    {
        (_, uint queue) = Prepare(1);
        using TestDisplay display = _gpu.ConnectDisplay();
        // What the guest writes through the window is what is shown: the memory of a GEM object.
        MemoryMarshal.Cast<byte, uint>(_mapped[0x10000].Slice(0, (int)Size))[0] = 0xFF12_3456;
        Pending fenced = _guest.Control.Offer(GpuGuest.Bytes(Submission(1, queue, 7, 1), _lastStream), 24);
        _ = _guest.Control.Wait(fenced, s_patience);
        _guest.Do(BlobRequests.Scanout(10, 64, 64));
        _guest.Do(FlushRequest(10, new VirtioGpuRect(0, 0, 64, 64)));
        Assert.True(display.RunUntil(() => display.Pictures[0]?[0, 0] == 0xFF12_3456));
    }

    [Fact]
    public void Fence_OfARing_WaitsForTheWorkOfTheRing()
    {
        _device.Completion = Completion.ByHand;
        (_, uint queue) = Prepare(1);
        Pending work = _guest.Control.Offer(GpuGuest.Bytes(Submission(1, queue, 5, 1), _lastStream), 24);
        Assert.False(_guest.Control.TryWait(work, s_moment, out _));
        // The processor's ring, and what names no ring, are not held up.
        Pending processor = _guest.Control.Offer(GpuGuest.Bytes(Nop(1, 6, 0), _lastStream), 24);
        _ = _guest.Control.Wait(processor, s_patience);
        Assert.False(_guest.Control.TryWait(work, s_moment, out _));
        _device.Complete(0);
        VirtioGpuCtrlHdr answer = MemoryMarshal.Read<VirtioGpuCtrlHdr>(_guest.Control.Wait(work, s_patience));
        Assert.Equal((VIRTIO_GPU_RESP_OK_NODATA, 5UL, (byte)1), (answer.Type, answer.FenceId, answer.RingIdx));
    }

    [Fact]
    public void Reset_WhileWorkNeverEnds_AnswersAndLeavesNothing()
    {
        _device.Completion = Completion.ByHand;
        (_, uint queue) = Prepare(1);
        Pending work = _guest.Control.Offer(GpuGuest.Bytes(Submission(1, queue, 5, 1), _lastStream), 24);
        Assert.False(_guest.Control.TryWait(work, s_moment, out _));
        _guest.Reboot(Features);
        Assert.Equal((0, 0), (_device.OpenFiles, _device.Gems.Count));
        _device.CompleteAll();
        _mapped.Clear();
        _ = Prepare(1);
        Assert.Empty(_device.Violations);
    }

    [Fact]
    public void Context_Destroyed_AnswersItsFencesAndClosesItsFile()
    {
        _device.Completion = Completion.ByHand;
        (_, uint queue) = Prepare(1);
        Pending work = _guest.Control.Offer(GpuGuest.Bytes(Submission(1, queue, 5, 1), _lastStream), 24);
        Assert.False(_guest.Control.TryWait(work, s_moment, out _));
        _guest.Do(new VirtioGpuCtrlHdr { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = 1 });
        _ = _guest.Control.Wait(work, s_patience);
        Assert.Equal(0, _device.OpenFiles);
        // The window still shows the memory, and the resource is still there to be shown.
        _guest.Do(BlobRequests.Scanout(10, 64, 64));
    }

    [Fact]
    public void Pictures_Of2d_WorkBesideIt()
    {
        using TestDisplay display = _gpu.ConnectDisplay();
        _guest.Create2d(1, 8, 8);
        _guest.Do(SetScanoutRequest(0, 1, new VirtioGpuRect(0, 0, 8, 8)));
        _guest.Do(FlushRequest(1, new VirtioGpuRect(0, 0, 8, 8)));
        Assert.True(display.RunUntil(() => display.Pictures[0] is not null));
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, new VirtioGpuResourceCreate3d
        {
            Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_3D },
            ResourceId = 2,
            Width = 4,
            Height = 4,
            Depth = 1,
            ArraySize = 1,
        });
    }

    public void Dispose()
    {
        _mapped.Clear();
        _guest.Dispose();
        _gpu.Dispose();
        _retired.Dispose();
        Assert.Empty(_device.Violations);
        Assert.Equal((0, 0), (_device.OpenFiles, _device.Gems.Count));
    }

    private byte[] _lastStream = [];

    /// <summary>A context with its page (resource 9, mapped at 0), space, queue and an object (resource 10, mapped at 0x10000).</summary>
    private (uint Space, uint Queue) Prepare(uint context)
    {
        CreateContext(_guest, context);
        _guest.Do(BlobRequests.Host(9, 0x4000, BlobRequests.Mappable, context));
        Map(9, 0);
        uint space = Ioctl(context, DRM_IOCTL_ASAHI_VM_CREATE, new DrmAsahiVmCreate
        {
            KernelStart = SoftwareAsahi.VmEnd - SoftwareAsahi.KernelMinSize,
            KernelEnd = SoftwareAsahi.VmEnd,
        }).VmId;
        uint queue = Ioctl(context, DRM_IOCTL_ASAHI_QUEUE_CREATE, new DrmAsahiQueueCreate { VmId = space }).QueueId;
        Send(context, ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(space, 3, Size));
        _guest.Do(BlobRequests.Host(10, Size, NativeRig.Shared, context) with { BlobId = 3 });
        Map(10, 0x10000);
        return (space, queue);
    }

    private T Ioctl<T>(uint context, uint number, T argument)
        where T : unmanaged
    {
        Span<byte> answer = _mapped[0].Slice(16, 8 + Unsafe.SizeOf<T>());
        MemoryMarshal.Write(answer, answer.Length);
        Send(context, ASAHI_CCMD_IOCTL_SIMPLE, new AsahiCcmdIoctlSimpleReq { Cmd = number }, VdrmStream.Bytes(argument));
        Assert.Equal(_stream.Seqno, MemoryMarshal.Read<uint>(_mapped[0].Slice(0, 4)));
        Assert.Equal(0, MemoryMarshal.Read<VdrmResultRsp>(answer).Ret);
        return MemoryMarshal.Read<T>(answer[8..]);
    }

    private void Send<T>(uint context, AsahiCcmd command, T request, ReadOnlySpan<byte> tail = default)
        where T : unmanaged
    {
        byte[] stream = _stream.Add(command, request, tail).Take();
        _guest.Do(new VirtioGpuCmdSubmit { Hdr = { Type = VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = context }, Size = (uint)stream.Length }, stream);
    }

    private VirtioGpuCmdSubmit Submission(uint context, uint queue, ulong fence, byte ring)
    {
        byte[] buffer = AsahiGuest.Render();
        _stream.Add(ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(queue, buffer), buffer);
        return Fenced(context, fence, ring);
    }

    private VirtioGpuCmdSubmit Nop(uint context, ulong fence, byte ring)
    {
        _stream.Add(ASAHI_CCMD_NOP, default(VdrmCcmdReq));
        return Fenced(context, fence, ring);
    }

    private VirtioGpuCmdSubmit Fenced(uint context, ulong fence, byte ring)
    {
        _lastStream = _stream.Take();
        return new VirtioGpuCmdSubmit
        {
            Hdr =
            {
                Type = VIRTIO_GPU_CMD_SUBMIT_3D,
                CtxId = context,
                Flags = VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE | VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX,
                FenceId = fence,
                RingIdx = ring,
            },
            Size = (uint)_lastStream.Length,
        };
    }

    private void Map(uint resource, ulong offset) => Assert.Equal(
        VIRTIO_GPU_RESP_OK_MAP_INFO,
        MemoryMarshal.Read<VirtioGpuCtrlHdr>(_guest.SendServing(BlobRequests.Map(resource, offset), Unsafe.SizeOf<VirtioGpuRespMapInfo>())).Type);
}
