using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Blobs;
using SplitVmm.GpuProcess.Tests.Journal;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.GpuProcess.Tests.Virgl;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.VhostUser.Messages;
using Xunit;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;
using static SplitVmm.GpuProcess.Tests.Rig.GpuGuestResources;
using static SplitVmm.GpuProcess.Tests.Virgl.GpuGuest3d;

namespace SplitVmm.GpuProcess.Tests.Venus;

/// <summary>A sandboxed gpu-process beside a real <c>virgl_render_server</c> with lavapipe, and a driver of this test.</summary>
public abstract class VenusRuntimeTests : IDisposable
{
    private const string Options = "blob=on,hostmem=64M,venus=on";
    private const ulong Features =
        VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL | VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT;

    private const uint Context = 7;
    private const uint Reply = 3;

    private readonly JournalImage _journal = new(16 << 20);
    private readonly string _image;
    private readonly GpuGuest _guest;
    private RuntimeGpu _gpu;
    private SharedMapping? _window;

    protected VenusRuntimeTests(string image)
    {
        _image = image;
        _gpu = RuntimeGpu.StartWithVenus(image, Options, _journal.File);
        _guest = _gpu.Connect(keepsInflight: true);
        _guest.Start(Features);
        _guest.OnMap = OnMap;
    }

    [Fact]
    public void Capsets_WithVenus_AreThree()
    {
        Assert.Equal(3u, _guest.ReadConfig().NumCapsets);
        VirtioGpuRespCapsetInfo info = _guest.Ask<VirtioGpuGetCapsetInfo, VirtioGpuRespCapsetInfo>(
            new VirtioGpuGetCapsetInfo { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET_INFO }, CapsetIndex = 2 });
        Assert.Equal(VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS, info.CapsetId);
        byte[] set = _guest.Send(
            new VirtioGpuGetCapset { Hdr = { Type = VIRTIO_GPU_CMD_GET_CAPSET }, CapsetId = info.CapsetId, CapsetVersion = info.CapsetMaxVersion },
            24 + (int)info.CapsetMaxSize);
        // wire_format_version, the first word of the set.
        Assert.Equal(1u, BitConverter.ToUInt32(set, 24));
    }

    [Fact]
    public unsafe void Command_OfVulkan_IsAnsweredInMappedMemory()
    {
        CreateContext(Context);
        VirtioGpuRespMapInfo map = CreateReply(Context, Reply);

        Assert.Equal((VIRTIO_GPU_RESP_OK_MAP_INFO, VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED), (map.Hdr.Type, map.MapInfo));
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, AskVersion(Context, Reply, ring: 0).Type);
        (uint command, int result, uint major) = VenusStream.ReadVersion(new ReadOnlySpan<byte>(_window!.Pointer, 32));
        Assert.Equal((137u, 0, 1u), (command, result, major));
    }

    [Fact]
    public void Attach_OfSharedMemoryToAnotherContext_IsSurvived()
    {
        CreateContext(Context);
        CreateContext(Context + 1);
        _ = CreateReply(Context, Reply);
        _ = _guest.Send(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, Reply, Context + 1));
        ulong memory = _guest.Memory.Allocate(4096, 4096);
        _guest.Do(BlobRequests.Guest(4, 4096, 1), Entries((memory, 4096)));
        _guest.Do(Reference(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, 4, Context + 1));

        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, AskVersion(Context, Reply, ring: 0).Type);
        Assert.False(_gpu.HasExited, _gpu.Errors);
    }

    [Fact]
    public void Reboot_WithVenusContexts_StartsAnew()
    {
        for (int i = 0; i < 5; i++)
        {
            CreateContext(Context);
            _ = CreateReply(Context, Reply);
            Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, AskVersion(Context, Reply, ring: 0).Type);
            _guest.Reboot(Features);
        }
    }

    [Fact]
    public void Kill_OfTheServer_AnswersWithErrorsAndLeavesOpenGlAlone()
    {
        CreateContext(Context);
        _ = CreateReply(Context, Reply);
        _guest.CreateContext(1);
        _gpu.Venus!.Kill();

        Assert.NotEqual(VIRTIO_GPU_RESP_OK_NODATA, AskVersion(Context, Reply, ring: 0).Type);
        Assert.NotEqual(VIRTIO_GPU_RESP_OK_NODATA, AskVersion(Context, Reply, ring: 1).Type);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY, ContextRequest(Context + 1));
        byte[] stream = new VirglStream().CreateSubContext(1).Bytes;
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, _guest.SubmitAndWait(1, stream, 9).Type);
        _guest.Do(DestroyRequest(Context));
        Assert.False(_gpu.HasExited, _gpu.Errors);
    }

    [Fact]
    public void Restart_OfBoth_LosesTheContextAndServesNewOnes()
    {
        CreateContext(Context);
        _ = CreateReply(Context, Reply);
        using (RuntimeGpu former = _gpu)
        {
            former.Kill();
            _gpu = RuntimeGpu.StartWithVenus(_image, Options, _journal.File);
            _gpu.Reconnect(_guest);
        }

        // Answered, and the fence of its ring signalled, whatever the ring was.
        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, AskVersion(Context, Reply, ring: 0).Type);
        Assert.Equal(VIRTIO_GPU_RESP_ERR_UNSPEC, AskVersion(Context, Reply, ring: 5).Type);
        _guest.Fail(VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID, Reference(VIRTIO_GPU_CMD_RESOURCE_UNREF, Reply));
        _guest.Do(DestroyRequest(Context));
        CreateContext(Context + 1);
        Assert.Equal(VIRTIO_GPU_RESP_OK_MAP_INFO, CreateReply(Context + 1, Reply + 1).Hdr.Type);
        Assert.Equal(VIRTIO_GPU_RESP_OK_NODATA, AskVersion(Context + 1, Reply + 1, ring: 0).Type);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        TestContext.Current.TestOutputHelper?.WriteLine(_gpu.Errors + _gpu.Venus!.Errors);
        _window?.Dispose();
        _guest.Dispose();
        _gpu.Dispose();
        _journal.Dispose();
    }

    private static VirtioGpuCtxCreate ContextRequest(uint context) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_CTX_CREATE, CtxId = context },
        ContextInit = (uint)VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS,
    };

    private static VirtioGpuCtrlHdr DestroyRequest(uint context) => new() { Type = VIRTIO_GPU_CMD_CTX_DESTROY, CtxId = context };

    private void CreateContext(uint context) => _guest.Do(ContextRequest(context));

    /// <summary>Shared memory of the context (blob 0), mapped at the beginning of the window.</summary>
    private unsafe VirtioGpuRespMapInfo CreateReply(uint context, uint id)
    {
        _guest.Do(BlobRequests.Host(id, 4096, context: context));
        return MemoryMarshal.Read<VirtioGpuRespMapInfo>(
            _guest.SendServing(BlobRequests.Map(id, 0), sizeof(VirtioGpuRespMapInfo)).Concat(new byte[32]).ToArray());
    }

    private VirtioGpuCtrlHdr AskVersion(uint context, uint reply, byte ring)
    {
        byte[] stream = new VenusStream().SetReplyStream(reply, 0, 4096).EnumerateInstanceVersion().Bytes;
        VirtioGpuCmdSubmit request = Fenced(SubmitRequest(context, stream), 1);
        request.Hdr.Flags |= VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX;
        request.Hdr.RingIdx = ring;
        return _guest.Send(request, stream);
    }

    private bool OnMap(VhostUserMMap range, Descriptor? file)
    {
        if (file is not null)
        {
            _window?.Dispose();
            _window = SharedMapping.Create(file, 0, (nuint)range.Length);
        }

        return true;
    }
}

/// <summary>virglrenderer 1.1 of Debian 13.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Venus11RuntimeTests() : VenusRuntimeTests(RuntimeGpu.Trixie);

/// <summary>virglrenderer 1.3.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class Venus13RuntimeTests() : VenusRuntimeTests(RuntimeGpu.Forky);
