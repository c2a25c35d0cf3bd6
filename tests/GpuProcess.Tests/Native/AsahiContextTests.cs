using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Tests.Native.Sessions;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.SoftwareDrm;
using SplitVmm.SoftwareDrm.Drivers;
using Xunit;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiCcmd;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.Platform.Errors.Errno;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>The native context for Apple's GPUs, on a device of software that takes nothing unchecked.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AsahiContextTests : IDisposable
{
    private const uint Context = 1;

    private readonly NativeRig _rig = new(SoftwareAsahi.CreateDevice());
    private readonly uint _space;
    private readonly uint _queue;

    public AsahiContextTests()
    {
        _rig.CreateContext(Context);
        _space = _rig.CreateSpace(Context);
        _queue = _rig.CreateQueue(Context, _space);
    }

    [Fact]
    public void Capset_SaysDriverAndWireFormat()
    {
        Capset capset = Assert.Single(_rig.Renderer.Capsets.ToArray());
        Assert.Equal((VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, 0u, 24u), (capset.Id, capset.MaxVersion, capset.MaxSize));
        byte[] bytes = new byte[24];
        _rig.Renderer.FillCapset(capset, 0, bytes);
        DrmCapset set = MemoryMarshal.Read<DrmCapset>(bytes);
        Assert.Equal((2u, 1u, 0u, 0u), (set.WireFormatVersion, set.VersionMajor, set.VersionMinor, set.VersionPatchlevel));
        Assert.Equal(DrmCapset.VIRTGPU_DRM_CONTEXT_ASAHI, set.ContextType);
    }

    [Fact]
    public void GetParams_AnswersWhatTheKernelSays()
    {
        byte[] answer = _rig.Ask(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 592 } }, default, 8 + 592);
        Assert.Equal(0, NativeRig.Read<AsahiCcmdGetParamsRsp>(answer).Ret);
        Assert.Equal((13u, (uint)'G', 0x8103u), (Word(answer, 8), Word(answer, 12), Word(answer, 20)));

        // An older guest knows less of it.
        answer = _rig.Ask(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 16 } }, default, 8 + 16);
        Assert.Equal(13u, Word(answer, 8));

        static uint Word(byte[] answer, int offset) => BitConverter.ToUInt32(answer, 8 + offset);
    }

    [Fact]
    public void GetTime_IsAnswered() => Assert.NotEqual(0UL, _rig.Simple(Context, DRM_IOCTL_ASAHI_GET_TIME, default(DrmAsahiGetTime)).GpuTimestamp);

    [Fact]
    public void Object_MappedSharedAndImported_IsTheSameMemory()
    {
        const ulong Size = 3 << 14;
        BlobResource made = _rig.CreateObject(Context, _space, 7, Size);
        _rig.CreateContext(2);
        _rig.Renderer.AttachToContext(2, made);
        _ = _rig.CreateSpace(2);
        Assert.True(_rig.Renderer.TryExport(made, out Descriptor? file, out VirtioGpuMapInfo cache, out string why), why);
        using (file)
        using (SharedMapping mapping = SharedMapping.Create(file, 0, (nuint)Size))
        {
            Assert.Equal(VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC, cache);
            mapping.Slice(0, 4)[0] = 42;
        }

        // The second context binds it in an address space of its own, and still has it when the first has gone.
        uint space = _rig.CreateSpace(2);
        _rig.Do(2, ASAHI_CCMD_VM_BIND, new AsahiCcmdVmBindReq { VmId = space, Stride = 32, Count = 1 }, VdrmStream.Bytes(
            new DrmAsahiGemBindOp { Flags = DRM_ASAHI_BIND_READ, Handle = 7, Range = Size, Addr = AsahiGuest.Address }));
        _rig.Renderer.DestroyContext(Context);
        Assert.True(_rig.Renderer.TryExport(made, out file, out _, out why), why);
        using (file)
        using (SharedMapping mapping = SharedMapping.Create(file, 0, (nuint)Size))
        {
            Assert.Equal(42, mapping.Slice(0, 4)[0]);
        }

        Assert.Single(_rig.Device.Gems);
        _rig.DestroyResource(made);
        Assert.Empty(_rig.Device.Gems);
    }

    [Fact]
    public void Object_ItsContextEnds_IsKeptForContextsToCome()
    {
        BlobResource made = _rig.CreateObject(Context, _space, 7, 1 << 14);
        BlobResource privately = _rig.CreateObject(Context, _space, 8, 1 << 14, NativeRig.Mappable);
        _rig.Renderer.DestroyContext(Context);
        _rig.CreateContext(2);
        _rig.Renderer.AttachToContext(2, made);
        Assert.True(_rig.Renderer.TryExport(made, out Descriptor? file, out _, out _));
        file.Dispose();
        Assert.False(_rig.Renderer.TryExport(privately, out _, out _, out string why));
        Assert.Contains("no context has it any more", why, StringComparison.Ordinal);
        uint space = _rig.CreateSpace(2);
        _rig.Do(2, ASAHI_CCMD_VM_BIND, new AsahiCcmdVmBindReq { VmId = space, Stride = 32, Count = 1 }, VdrmStream.Bytes(
            new DrmAsahiGemBindOp { Flags = DRM_ASAHI_BIND_READ, Handle = 7, Range = 1 << 14, Addr = AsahiGuest.Address }));
    }

    [Fact]
    public void CreateBlob_WrongRequests_AnswerTheirErrors()
    {
        _rig.Do(Context, ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 7, 1 << 14));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, _rig.CreateBlob(9, 7, 7, 1 << 14, NativeRig.Shared, out _));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(Context, 7, 8, 1 << 14, NativeRig.Shared, out _));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(Context, 7, 7, 1 << 15, NativeRig.Shared, out _));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(Context, 7, 7 | (1UL << 32), 1 << 14, NativeRig.Shared, out _));
        // A second page; then one that is too large, too small, or for sharing.
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(Context, 8, 0, 0x4000, NativeRig.Mappable, out _));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _rig.Renderer.CreateContext(3, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM, default));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(3, 8, 0, 8, NativeRig.Mappable, out _));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(3, 8, 0, 1 << 30, NativeRig.Mappable, out _));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.CreateBlob(3, 8, 0, 0x4000, NativeRig.Shared, out _));
        // What was refused for its size is still there for the right one.
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _rig.CreateBlob(Context, 7, 7, 1 << 14, NativeRig.Shared, out _));
    }

    [Fact]
    public void Fences_OfRings_RetireInTheirOrderWhenTheirWorkIsComplete()
    {
        _rig.Device.Completion = Completion.ByHand;
        uint second = _rig.CreateQueue(Context, _space, DRM_ASAHI_PRIORITY_MEDIUM);
        _rig.Submit(Context, _queue, AsahiGuest.Render());
        Fence(1, 10);
        _rig.Submit(Context, second, AsahiGuest.Render());
        Fence(2, 11);
        Fence(1, 12);
        Fence(0, 13);
        Assert.Equal([(0u, 13u)], Retired());

        // The later work first: its own ring is done, ring 1 waits for both.
        _rig.Device.Complete(1);
        Assert.Equal([(2u, 11u)], Retired());
        _rig.Device.Complete(0);
        Assert.Equal([(1u, 10u), (1u, 12u)], Retired());
        Fence(1, 14);
        Assert.Equal([(1u, 14u)], Retired());
        Assert.False(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, 3), 15));
        Assert.False(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(9, 0), 15));
        Assert.True(_rig.Renderer.TryCreateFence(16));
        Assert.Equal([(0u, 16u)], Retired());
    }

    [Fact]
    public void Fences_OfWorkThatFails_RetireAndTheGuestLearnsIt()
    {
        _rig.Device.Completion = Completion.ByHand;
        _rig.Submit(Context, _queue, AsahiGuest.Render());
        Fence(1, 10);
        uint before = _rig.Page(Context)[2];
        _rig.Device.Complete(0, EIO);
        Assert.Equal([(1u, 10u)], Retired());
        Assert.Equal(before + 1, _rig.Page(Context)[2]);
    }

    [Fact]
    public void Context_EndsWhileWorkNeverDoes_LeavesNothing()
    {
        _rig.Device.Completion = Completion.ByHand;
        int descriptors = Holdings.OfThisProcess().Descriptors;
        _rig.CreateContext(2);
        uint queue = _rig.CreateQueue(2, _rig.CreateSpace(2));
        _rig.Submit(2, queue, AsahiGuest.Render());
        Assert.True(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(2, 1), 10));
        Assert.Equal(1, _rig.Device.Outstanding);
        _rig.Renderer.DestroyContext(2);
        Assert.Equal(0, _rig.Renderer.Statistics.SyncFiles);
        _rig.Device.CompleteAll();
        Assert.Empty(Retired());
        // The page's memory is still the test's mapping, and no descriptor.
        Assert.Equal(descriptors, Holdings.OfThisProcess().Descriptors);
    }

    [Fact]
    public void Submit_ExternalResources_WaitsForThemAndLetsOthersWait()
    {
        _rig.Device.Completion = Completion.ByHand;
        BlobResource shared = _rig.CreateObject(Context, _space, 7, 1 << 14);
        _rig.CreateContext(2);
        _rig.Renderer.AttachToContext(2, shared);
        uint other = _rig.CreateQueue(2, _rig.CreateSpace(2));
        _rig.Submit(Context, _queue, AsahiGuest.Render(), new AsahiCcmdSubmitRes { ResId = 7, Flags = AsahiCcmdSubmitRes.ASAHI_EXTRES_WRITE });
        SoftwareGem gem = Assert.Single(_rig.Device.Gems.Values);
        Assert.NotNull(gem.LastUse);
        _rig.Submit(2, other, AsahiGuest.Render(), new AsahiCcmdSubmitRes { ResId = 7, Flags = AsahiCcmdSubmitRes.ASAHI_EXTRES_READ });
        Assert.Equal(2, _rig.Device.Calls[GpuProcess.Native.Uapi.Drm.DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD]);
        Assert.Equal(1, _rig.Device.Calls[GpuProcess.Native.Uapi.Drm.DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE]);
    }

    [Fact]
    public void Timestamps_OfBoundObjects_AreAllowed()
    {
        _ = _rig.CreateObject(Context, _space, 7, 1 << 14);
        byte[] answer = _rig.Ask(
            Context, ASAHI_CCMD_GEM_BIND_OBJECT, new AsahiCcmdGemBindObjectReq { Bind = { Flags = 1, Handle = 7, Range = 1 << 14 } }, default, 12);
        AsahiCcmdGemBindObjectRsp bound = NativeRig.Read<AsahiCcmdGemBindObjectRsp>(answer);
        Assert.Equal(0, bound.Ret);
        _rig.Submit(Context, _queue, AsahiGuest.Render(bound.ObjectHandle));
        byte[] wrong = AsahiGuest.Render(bound.ObjectHandle + 1);
        _rig.Refuse(Context, ASAHI_CCMD_SUBMIT, AsahiGuest.SubmitRequest(_queue, wrong), wrong);
        var unbind = new AsahiCcmdGemBindObjectReq { Bind = { Op = 1, ObjectHandle = bound.ObjectHandle } };
        _rig.Do(Context, ASAHI_CCMD_GEM_BIND_OBJECT, unbind);
        _rig.Refuse(Context, ASAHI_CCMD_GEM_BIND_OBJECT, unbind);
    }

    [Fact]
    public void Execute_UnknownCommands_AreCountedAndTheGuestGoesOn()
    {
        uint errors = _rig.Page(Context)[2];
        _rig.Refuse(Context, (AsahiCcmd)0, default(VdrmCcmdReq));
        _rig.Refuse(Context, (AsahiCcmd)8, default(VdrmCcmdReq));
        _rig.Refuse(Context, (AsahiCcmd)uint.MaxValue, default(VdrmCcmdReq));
        Assert.Equal(3, _rig.Renderer.Statistics.Unknown);
        Assert.Equal(errors + 3, _rig.Page(Context)[2]);
        _rig.Do(Context, ASAHI_CCMD_NOP, default(VdrmCcmdReq));
    }

    [Fact]
    public void Submit_OneOfSeveralRefused_TheOthersAreCarriedOut()
    {
        _rig.Stream.Add(ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 5, 1 << 14))
            .Add(ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space + 100, 6, 1 << 14))
            .Add(ASAHI_CCMD_GEM_NEW, AsahiGuest.GemNew(_space, 7, 1 << 14));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.Submit(Context));
        Assert.Equal(_rig.Stream.Seqno, _rig.LastSeqno(Context));
        Assert.Equal(2, _rig.Device.Gems.Count);
    }

    [Fact]
    public void Submit_HeadersThatLie_EndTheStream()
    {
        foreach ((uint length, uint at) in ((uint, uint)[])[(0, 0), (12, 0), (17, 0), (20, 0), (uint.MaxValue, 0), (16, 2)])
        {
            byte[] stream = _rig.Stream.Add(ASAHI_CCMD_NOP, default(VdrmCcmdReq)).Take();
            BitConverter.TryWriteBytes(stream.AsSpan(4), length);
            BitConverter.TryWriteBytes(stream.AsSpan(12), at);
            Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.Submit(Context, stream));
            Assert.Equal(_rig.Stream.Seqno, _rig.LastSeqno(Context));
        }

        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.Submit(Context, new byte[4]));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _rig.Submit(Context, []));
        Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID, _rig.Submit(9, new byte[16]));
    }

    [Fact]
    public void Answer_OutsideThePage_IsRefused()
    {
        uint room = 0x4000u - (uint)Unsafe.SizeOf<AsahiShmem>();
        foreach (uint at in (uint[])[room, room - 8, 0xFFFF_FFFC, 0x7FFF_FFFC])
        {
            _rig.Stream.Add(ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 16 } }, default, at);
            Assert.Equal(VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER, _rig.Submit(Context));
        }

        // Where the guest has less room than it says, it gets what fits.
        MemoryMarshal.Write(_rig.Answers(Context), 6u);
        _rig.Answers(Context)[6..12].Fill(0xEE);
        _rig.Do(Context, ASAHI_CCMD_GET_PARAMS, new AsahiCcmdGetParamsReq { Params = { Size = 16 } });
        Assert.Equal((6u, 0xEE), (MemoryMarshal.Read<uint>(_rig.Answers(Context)), _rig.Answers(Context)[6]));
    }

    public void Dispose() => _rig.Dispose();

    private void Fence(uint ring, uint fence) => Assert.True(_rig.Renderer.TryCreateContextFence(new FenceTimelineId(Context, ring), fence));

    private List<(uint Ring, uint Fence)> Retired() => [.. _rig.TakeFences().Select(fence => (fence.Timeline.Ring, (uint)fence.Fence))];
}
